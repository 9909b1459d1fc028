/** User name and password of a Basic header, as bytes: neither ever goes through a text decoder. */
export interface BasicCredentials {
  userNameMatches: boolean;
  password: Buffer;
}

/**
 * Splits the decoded header. When it begins with the identity and a colon, the rest is the password, whatever
 * bytes it holds: for an identity without a colon that is the split at the first one (rule A-04), and one with a
 * colon works as well. Otherwise the split is at the first colon and the user name is another's (rule A-02).
 */
export function basicCredentials(header: Buffer, identity: string): BasicCredentials | null {
  const prefix = Buffer.from(`${identity}:`, 'utf8');
  if (header.length >= prefix.length && header.subarray(0, prefix.length).equals(prefix)) {
    return { userNameMatches: true, password: header.subarray(prefix.length) };
  }
  const colon = header.indexOf(0x3a);
  return colon < 0 ? null : { userNameMatches: false, password: header.subarray(colon + 1) };
}
