import { scaleDecimal } from '@busbar/domain';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalValue, shapeOf, timesThousand } from './sample.js';

const plainDecimal = fc
  .tuple(fc.boolean(), fc.bigInt({ min: 0n, max: 10n ** 15n }), fc.stringMatching(/^\d{0,9}$/))
  .map(([negative, whole, fraction]) => `${negative ? '-' : ''}${whole}${fraction === '' ? '' : `.${fraction}`}`);

describe('timesThousand', () => {
  it('is exact arithmetic', () => {
    // Goal: V-07: moving the point gives what Big gives, to the digit.
    fc.assert(
      fc.property(plainDecimal, (value) => {
        expect(timesThousand(value)).toBe(scaleDecimal(value, 3));
      }),
    );
  });
});

describe('canonicalValue', () => {
  it.each([
    ['kWh', 'Energy.Active.Import.Register', '0.0005', '0.5', 'Wh'],
    ['kvarh', 'Energy.Reactive.Import.Register', '1', '1000', 'varh'],
    ['kW', 'Power.Active.Import', '-1.5', '-1500', 'W'],
    ['kVA', 'Power.Offered', '1e1', '10000', 'VA'],
    ['kvar', 'Power.Reactive.Import', '007', '7000', 'var'],
    ['Celcius', 'Temperature', '21.5', '21.5', 'Celsius'],
    ['K', 'Temperature', '273.15', '0', 'Celsius'],
    ['Fahrenheit', 'Temperature', '100', '37.778', 'Celsius'],
    ['Hz', 'Frequency', '49.98', '49.98', 'Hertz'],
    ['Percent', 'SoC', '48', '48', 'Percent'],
    [undefined, 'Voltage', '230.10', '230.10', 'V'],
    [undefined, 'Current.Import', '16', '16', 'A'],
    [undefined, 'Power.Active.Import.L1', '16', '16', 'W'],
    [undefined, 'Energy.Reactive.Export.Interval', '1', '1', 'varh'],
    [undefined, 'Power.Factor', '0.99', '0.99', null],
    [undefined, 'RPM', '900', '900', 'RPM'],
    [undefined, undefined, '12', '12', 'Wh'],
    ['furlong', 'Vendor.Thing', '3', '3', 'furlong'],
  ])('turns %s of %s, %s, into %s %s', (unit, measurand, text, value, canonical) => {
    // Goal: V-03, V-07: units become canonical exactly; what is missing is the measurand's base unit.
    const shape = shapeOf({
      ...(unit === undefined ? {} : { unit }),
      ...(measurand === undefined ? {} : { measurand }),
    });
    expect(canonicalValue(shape, text)).toBe(value);
    expect(shape.unit).toBe(canonical);
  });

  it.each(['', ' ', 'NaN', 'Infinity', '1,2,3', '0x10', '1e400', '--1', '1'.repeat(60)])('is null for %j', (text) => {
    // Goal: V-04: what is no number of a meter gives none.
    expect(canonicalValue(shapeOf({}), text)).toBeNull();
  });
});

describe('shapeOf', () => {
  it('prepares each shape once, and starts anew when a station invents too many', () => {
    // Goal: the store makes repeats cheap and cannot be filled for ever.
    const sample = { measurand: 'Voltage', phase: 'L1', unit: 'V' };
    expect(shapeOf({ ...sample })).toBe(shapeOf({ ...sample }));
    expect(shapeOf(sample)).not.toBe(shapeOf({ ...sample, phase: 'L1-N' }));
    const before = shapeOf(sample);
    for (let n = 0; n < 5000; n += 1) shapeOf({ measurand: `Vendor.${n}` });
    expect(shapeOf(sample)).not.toBe(before);
    expect(shapeOf(sample)).toEqual(before);
  });

  it('keeps no long text', () => {
    // Goal: five thousand texts of a frame's length would be a gigabyte.
    const long = { measurand: 'x'.repeat(1000) };
    expect(shapeOf(long)).not.toBe(shapeOf(long));
    expect(shapeOf(long).measurand).toHaveLength(64);
  });
});
