const prefix = '/ocpp/';
const identityBytesMax = 255;

/**
 * The station's identity from the path of the upgrade request: the one segment after `/ocpp/`, percent-decoded
 * once. Null for anything else: another path, bad encoding, a control character, more than 255 bytes.
 *
 * `a.b`, `*`, `>`, quotes and `%2F` are ordinary. OCPP-J 1.6, 3.1.1.
 */
export function identityOfPath(path: string): string | null {
  if (!path.startsWith(prefix)) return null;
  const segment = path.slice(prefix.length);
  // The engine writes U+FFFD where the path was not UTF-8; a station that means that character encodes it.
  if (segment === '' || segment.includes('/') || segment.includes('\uFFFD')) return null;
  const identity = decode(segment); // T-02
  if (identity === null || /\p{Cc}/u.test(identity)) return null; // T-03
  return Buffer.byteLength(identity) <= identityBytesMax ? identity : null;
}

function decode(segment: string): string | null {
  try {
    return decodeURIComponent(segment);
  } catch {
    // The only error there is: the encoding is malformed, and the caller answers 400.
    return null;
  }
}
