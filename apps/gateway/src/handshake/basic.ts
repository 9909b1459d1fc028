const form = /^basic +([A-Za-z0-9+/]+={0,2}) *$/i;

/**
 * The bytes of a Basic credential, in canonical base64; undefined when the header holds none. The bytes stay
 * bytes: a station's key is binary and may hold colons, NUL and invalid UTF-8. // A-03, A-04
 */
export function basicOfHeader(authorization: string): string | undefined {
  const encoded = form.exec(authorization)?.[1];
  return encoded === undefined ? undefined : Buffer.from(encoded, 'base64').toString('base64');
}
