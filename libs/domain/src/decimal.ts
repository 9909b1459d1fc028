import Big from 'big.js';

/** An exact decimal number as text, for example `"1234.5"`. Energy and power travel in this form. */
export type Decimal = string;

const plain = /^-?\d+(\.\d+)?([eE][+-]?\d{1,2})?$/;

/** Reads a number that a station wrote; undefined when it is not one. A decimal comma counts as a point. */
export function parseDecimal(text: string): Decimal | undefined {
  // A leading plus is a number to everyone but the library.
  const candidate = text
    .trim()
    .replace(',', '.')
    .replace(/^\+(?=\d)/, '');
  return candidate.length <= 64 && plain.test(candidate) ? new Big(candidate).toFixed() : undefined;
}

/** `value` × 10^`exponent`, exactly. */
export function scaleDecimal(value: Decimal, exponent: number): Decimal {
  return new Big(value).times(new Big(10).pow(exponent)).toFixed();
}

/** `left` − `right`, exactly. */
export function subtractDecimals(left: Decimal, right: Decimal): Decimal {
  return new Big(left).minus(right).toFixed();
}

/** `left` + `right`, exactly. */
export function addDecimals(left: Decimal, right: Decimal): Decimal {
  return new Big(left).plus(right).toFixed();
}

/** Negative, zero or positive, as `left` is less than, equal to or greater than `right`. */
export function compareDecimals(left: Decimal, right: Decimal): number {
  return new Big(left).cmp(right);
}

/** `value` with at most `places` decimals, halves away from zero. */
export function roundDecimal(value: Decimal, places: number): Decimal {
  return new Big(value).round(places, Big.roundHalfUp).toFixed();
}
