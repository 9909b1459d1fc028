import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareDecimals, parseDecimal, scaleDecimal, subtractDecimals } from './decimal.js';

describe('parseDecimal', () => {
  // What stations write for numbers, exactly as much as they wrote.
  it.each([
    ['12.50', '12.5'],
    ['12,5', '12.5'],
    [' 7 ', '7'],
    ['+3', '3'],
    ['-0.10', '-0.1'],
    ['1e3', '1000'],
    ['12345678901234567890.123456789', '12345678901234567890.123456789'],
  ])('reads %j', (text, value) => {
    expect(parseDecimal(text)).toBe(value);
  });

  // What is no number gives none.
  it.each(['', ' ', 'NaN', 'Infinity', '1.', '.5', '++3', '+-3', '1,2,3', '0x10', '1e', '1e400', '9'.repeat(65)])(
    'refuses %j',
    (text) => {
      expect(parseDecimal(text)).toBeUndefined();
    },
  );

  // Whatever comes, nothing is thrown: a thrown meter value would not be answered.
  it('never throws', () => {
    const digits = fc.string({ unit: fc.constantFrom(...'0123456789+-.,eE '), maxLength: 12 });
    fc.assert(
      fc.property(digits, (text) => {
        const value = parseDecimal(text);
        return value === undefined || /^-?\d+(\.\d+)?$/.test(value);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('arithmetic', () => {
  // No binary fraction anywhere.
  it('is exact', () => {
    expect(subtractDecimals('0.3', '0.1')).toBe('0.2');
    expect(scaleDecimal('1.005', 3)).toBe('1005');
    expect(scaleDecimal('1234.5', -3)).toBe('1.2345');
    expect(compareDecimals('10', '9.999')).toBeGreaterThan(0);
  });
});
