import type { Sample } from '@busbar/events';
import { describe, expect, it } from 'vitest';
import { meterValuesOf } from './meter-values.js';

const at = new Date('2026-06-01T12:00:00.000Z');
const energy: Sample = { measurand: 'Energy.Active.Import.Register', value: '1500', unit: 'Wh' };

function values(...readings: Sample[][]): unknown[] {
  const stored = readings.map((samples) => ({ sampledAt: at, receivedAt: at, context: 'Sample.Periodic', samples }));
  return meterValuesOf(stored).map(({ samples }) =>
    samples.map(({ measurand, value, phase }) => [measurand, value, phase]),
  );
}

describe('meterValuesOf', () => {
  // Goal: the same value, said again with the defaults spelled out, is shown once.
  it('V-03 V-11 shows each value once', () => {
    const spelled: Sample = { ...energy, location: 'Outlet', context: 'Sample.Periodic' };
    const voltage: Sample = { measurand: 'Voltage', value: '230', unit: 'V', phase: 'L1' };
    expect(values([energy], [spelled, voltage], [spelled])).toEqual([
      [[energy.measurand, 1500, null]],
      [['Voltage', 230, 'L1']],
    ]);
  });

  // Goal: everything that tells values apart tells them apart: L1 is not L1-N, another value is not the same.
  it.each<[string, Partial<Sample>]>([
    ['phase', { phase: 'L1' }],
    ['location', { location: 'Inlet' }],
    ['context', { context: 'Transaction.End' }],
    ['value', { value: '1501' }],
    ['unit', { unit: 'varh' }],
  ])('V-10 V-11 tells values apart by %s', (_part, change) => {
    expect(values([energy], [{ ...energy, ...change }])).toHaveLength(2);
  });

  // Goal: two signed blobs without a number are two values.
  it('X-12 tells signed data apart by its text', () => {
    const signed = (value: string): Sample => ({ ...energy, value: null, format: 'SignedData', raw: { value } });
    expect(values([signed('a')], [signed('b')], [signed('a')])).toHaveLength(2);
  });
});
