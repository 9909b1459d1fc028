import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readLooseTime, readRfc3339 } from './time.js';

describe('readRfc3339', () => {
  it.each([
    ['2026-11-22T09:18:06Z', '2026-11-22T09:18:06.000Z'],
    ['2026-11-22T09:18:06.123Z', '2026-11-22T09:18:06.123Z'],
    ['2026-11-22T09:18:06.1Z', '2026-11-22T09:18:06.100Z'],
    ['2026-11-22T09:18:06.123456789Z', '2026-11-22T09:18:06.123Z'],
    ['2026-11-22T09:18:06+02:00', '2026-11-22T07:18:06.000Z'],
    ['2026-11-22T09:18:06.5-05:30', '2026-11-22T14:48:06.500Z'],
    ['2026-11-22t09:18:06z', '2026-11-22T09:18:06.000Z'],
    ['2024-02-29T00:00:00Z', '2024-02-29T00:00:00.000Z'],
    ['2016-12-31T23:59:60Z', '2017-01-01T00:00:00.000Z'],
    ['0001-01-01T00:00:00Z', '0001-01-01T00:00:00.000Z'],
    ['1970-01-01T00:00:00Z', '1970-01-01T00:00:00.000Z'],
  ])('reads %s', (text, expected) => {
    // Goal: 8.1: fractions of any length and offsets; our form has three decimals and Z.
    const instant = readRfc3339(text);
    expect(instant?.text).toBe(expected);
    expect(instant?.ms).toBe(Date.parse(expected));
  });

  it.each([
    '',
    '2022-02-29T00:00:00Z',
    '2026-13-01T00:00:00Z',
    '2026-04-31T00:00:00Z',
    '2026-11-22T24:00:00Z',
    '2026-11-22T09:60:00Z',
    '2026-11-22T09:18:61Z',
    '2026-11-22T09:18:06',
    '2026-11-22 09:18:06Z',
    '2026-11-22T09:18:06+0200',
    '2026-11-22T09:18:06.Z',
    '2026-11-22T09:18:06,250Z',
    '2026-11-22T09:18:06xZ',
    '2026-11-22T09:18:06.12aZ',
    '2026-11-22T09:18:06+24:00',
    '0000-01-01T00:00:00Z',
    '9999-12-31T23:59:59-10:00',
    '2026/11/22T09:18:06Z',
    `2026-11-22T09:18:06.${'1'.repeat(60)}Z`,
  ])('refuses %s', (text) => {
    // Goal: what is no instant is never made into one.
    expect(readRfc3339(text)).toBeUndefined();
  });

  it('agrees with Date about every instant that Date writes', () => {
    // Goal: the quick reader is the platform's reader.
    fc.assert(
      fc.property(
        fc.date({ min: new Date(0), max: new Date('9999-12-31T23:59:59.999Z'), noInvalidDate: true }),
        (date) => {
          expect(readRfc3339(date.toISOString())).toEqual({ ms: date.getTime(), text: date.toISOString() });
        },
      ),
    );
  });
});

describe('readLooseTime', () => {
  it.each([
    ['2026-11-22T09:18:06+02', '2026-11-22T07:18:06.000Z', 'not RFC 3339'],
    ['2026-11-22T09:18:06+0200', '2026-11-22T07:18:06.000Z', 'not RFC 3339'],
    ['2026-11-22T09:18:06', '2026-11-22T09:18:06.000Z', 'no zone, taken as UTC'],
    ['2026-11-22 09:18:06Z', '2026-11-22T09:18:06.000Z', 'not RFC 3339'],
    ['2026-11-22 09:18', '2026-11-22T09:18:00.000Z', 'no zone, taken as UTC'],
    ['2026-11-22T09:18:06,250Z', '2026-11-22T09:18:06.250Z', 'not RFC 3339'],
    [' 2026-11-22T09:18:06Z ', '2026-11-22T09:18:06.000Z', 'outer blanks'],
    ['1795338000', '2026-11-22T09:00:00.000Z', 'seconds since 1970'],
    ['1795338000123', '2026-11-22T09:00:00.123Z', 'milliseconds since 1970'],
  ])('reads %s', (text, expected, fault) => {
    // Goal: 8.1, in its order, each with what is wrong with it.
    expect(readLooseTime(text)).toEqual({ ms: Date.parse(expected), text: expected, fault });
  });

  it.each(['', 'soon', '2022-02-29', '2022-02-29 00:00:00', '99999999999999', '12:00', '2026-11-22T09:18:06+99'])(
    'refuses %s',
    (text) => {
      // Goal: impossible dates and other words are for the time of receipt to replace.
      const read = readLooseTime(text);
      expect(read === undefined || read.ms <= Date.parse('9999-12-31T23:59:59.999Z')).toBe(true);
      if (text !== '99999999999999') expect(read).toBeUndefined();
    },
  );
});
