import pg from 'pg';

const int8: number = 20;
const int8Array: number = 1016;
const textArray: number = 1009;
const numericArray: number = 1231;
const date: number = 1082;
const timestamp: number = 1114;

/**
 * How values come out of Postgres: `int8` as a number (an error beyond 2^53, never a rounded one), `numeric` as
 * text, always, `timestamptz` as a Date, `date` and `timestamp` as text because they name no instant.
 */
export const typeParsers: pg.CustomTypesConfig = {
  getTypeParser: (oid, format) => {
    if (format === 'binary') return pg.types.getTypeParser(oid, format);
    switch (oid) {
      case int8:
        return safeInteger;
      case int8Array:
        return (text: string) => textsOf(text).map((entry) => (entry === null ? null : safeInteger(entry)));
      case numericArray:
        return textsOf;
      case date:
      case timestamp:
        return asText;
      default:
        return pg.types.getTypeParser(oid, 'text');
    }
  },
};

/** The entries of a one-dimensional array as Postgres wrote them. */
const textsOf: (text: string) => (string | null)[] = pg.types.getTypeParser(textArray, 'text');

function asText(text: string): string {
  return text;
}

function safeInteger(text: string): number {
  const number = Number(text);
  if (!Number.isSafeInteger(number)) throw new RangeError(`int8 ${text} does not fit a number exactly`);
  return number;
}
