export const identityBytesMax = 255;

/**
 * What is wrong with an identity that an operator wants to register; null when nothing. Everything printable is
 * an ordinary identity, dots, stars, quotes and slashes too (rule T-03).
 */
export function identityProblem(identity: unknown): string | null {
  if (typeof identity !== 'string' || identity === '') return 'must be a text that is not empty';
  if (Buffer.byteLength(identity) > identityBytesMax) return `must not be longer than ${identityBytesMax} bytes`;
  if (/[\p{Cc}\p{Cs}]/u.test(identity)) return 'must not contain control characters or half characters';
  return null;
}
