import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { Notes } from '../../tolerance/notes.js';
import { liftReadings } from './readings.js';

const receivedAt = '2026-11-22T09:18:06.000Z';
const timestamp = '2026-11-22T09:00:00Z';
const lifted = (...sampledValue: object[]) =>
  liftReadings([{ timestamp, sampledValue }], '/meterValue', receivedAt, new Notes())[0];
const energy = (value: string, rest: object = {}) => ({ value, measurand: 'Energy.Active.Import.Register', ...rest });

describe('a reading', () => {
  it('has a digest of what the station wrote', () => {
    // Goal: the reading's key. A change here needs a new digest version in the database.
    const digest = createHash('sha256')
      .update('["Voltage","V","L1",null,null,null]5:230.1["SoC",null,null,null,null,null]2:48')
      .digest('hex')
      .slice(0, 32);
    expect(
      lifted({ value: '230.1', measurand: 'Voltage', unit: 'V', phase: 'L1' }, { value: '48', measurand: 'SoC' })
        ?.digest,
    ).toBe(digest);
  });

  it('has the same digest when repeated, and another for every other content', () => {
    // Goal: V-11: a repeat is known by its content, and two readings of one instant stay two.
    const base = lifted(energy('1200'));
    expect(lifted({ measurand: 'Energy.Active.Import.Register', value: '1200' })?.digest).toBe(base?.digest);
    const others = [
      lifted(energy('1200.0')),
      lifted(energy('1200', { unit: 'Wh' })),
      lifted(energy('1200', { context: 'Sample.Periodic' })),
      lifted(energy('1200', { phase: 'L1' })),
      lifted(energy('1200', { location: 'Outlet' })),
      lifted(energy('1200', { format: 'Raw' })),
      lifted({ value: '1200' }),
      lifted(energy('1200'), energy('1200')),
      lifted(energy('12'), energy('00')),
    ].map((reading) => reading?.digest);
    expect(new Set([base?.digest, ...others]).size).toBe(others.length + 1);
  });

  it('takes its register from the whole outlet', () => {
    // Goal: the figure that is billed is never that of a phase, of the inlet or of another unit.
    expect(lifted(energy('1', { phase: 'L1' }), energy('2', { location: 'Inlet' }))?.energyWh).toBeNull();
    expect(lifted(energy('1', { location: 'Body' }), energy('2', { location: 'Cable' }), energy('3'))?.energyWh).toBe(
      '3',
    );
    expect(lifted(energy('1', { location: 'Cable' }), energy('2', { location: 'Body' }))?.energyWh).toBe('1');
    expect(lifted(energy('1', { unit: 'V' }))?.energyWh).toBeNull();
    expect(lifted(energy('x'), energy('7'))?.energyWh).toBe('7');
    expect(lifted(energy('OCMF|', { format: 'SignedData' }))?.energyWh).toBeNull();
    expect(lifted(energy('1'), energy('2'))?.energyWh).toBe('1');
  });

  it('takes its power without adding up phases', () => {
    // Goal: three phases are no total; the total, where it is sent, is.
    const power = (value: string, phase?: string) => ({
      value,
      measurand: 'Power.Active.Import',
      ...(phase ? { phase } : {}),
    });
    expect(lifted(power('1', 'L1'), power('2', 'L2'), power('3', 'L3'))?.powerW).toBeNull();
    expect(lifted(power('1', 'L1'), power('6'))?.powerW).toBe('6');
  });

  it('keeps signed data byte for byte', () => {
    // Goal: X-12: what a court reads is what the meter wrote.
    const signed = 'OCMF|{"FV" : "1.0", "é": "\\u00e9"}|\n{"SD":"AB=="}';
    const samples: unknown = JSON.parse(lifted({ value: signed, format: 'SignedData' })?.samples ?? '');
    expect(samples).toEqual([
      {
        measurand: 'Energy.Active.Import.Register',
        value: null,
        unit: 'Wh',
        location: 'Outlet',
        context: 'Sample.Periodic',
        format: 'SignedData',
        raw: { value: signed },
      },
    ]);
  });

  it('has the context of its first sample', () => {
    // Goal: V-03: with the default where it says nothing.
    expect(lifted({ value: '1', context: 'Transaction.Begin' }, { value: '2' })?.context).toBe('Transaction.Begin');
    expect(lifted({ value: '1' }, { value: '2', context: 'Trigger' })?.context).toBe('Sample.Periodic');
  });
});
