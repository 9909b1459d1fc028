/**
 * Text from outside in a form that every store takes: cut at `lengthMax` UTF-16 units, with NUL and half
 * characters (lone surrogates) replaced by U+FFFD, which Postgres and JSON readers would otherwise refuse.
 */
export function storableText(text: string, lengthMax: number): string {
  return text.slice(0, lengthMax).replace(/[\u0000\p{Cs}]/gu, '\ufffd');
}
