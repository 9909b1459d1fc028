import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { energyBetween, isDecrease, isPlausibleRegister, rolloverCandidates } from './energy.js';

describe('energy', () => {
  // Goal: exact where floating point is not, unknown where it would be negative.
  it.each([
    ['1000', '5000', '4000'],
    ['0.1', '0.3', '0.2'],
    ['9007199254740993', '9007199254740994', '1'],
    ['1000', '1000', '0'],
    ['1000', '999.999', null],
    ['1000', null, null],
    ['-5', '5', '10'],
  ])('X-10 from %s to %s is %s', (start, stop, expected) => {
    expect(energyBetween(start, stop)).toBe(expected);
  });

  // Goal: whatever the registers, energy is never negative, and it is unknown exactly when the meter went down.
  it('X-10 is never negative', () => {
    const register = fc.bigInt({ min: -(10n ** 15n), max: 10n ** 15n }).map((wh) => `${wh}.5`);
    fc.assert(
      fc.property(register, register, (start, stop) => {
        const energy = energyBetween(start, stop);
        expect(energy === null).toBe(isDecrease(start, stop));
        expect(energy?.startsWith('-') ?? false).toBe(false);
      }),
    );
  });

  // Goal: a rollover is offered as evidence only where the register was near its end.
  it.each([
    ['999500', '700', [{ registerWh: '1000000', energyWh: '1200' }]],
    ['4294960000', '100', [{ registerWh: '4294967296', energyWh: '7396' }]],
    ['500000', '100', []],
    ['999500', '-1', []],
  ])('X-10 takes %s to %s for a rollover: %j', (start, stop, expected) => {
    expect(rolloverCandidates(start, stop)).toEqual(expected);
  });

  // Goal: what no meter can show is recognised.
  it.each([
    ['0', true],
    ['1000000000000', true],
    ['1000000000000.001', false],
    ['-0.001', false],
  ])('S-14 finds %s plausible: %s', (register, expected) => {
    expect(isPlausibleRegister(register)).toBe(expected);
  });
});
