import { describe, expect, it } from 'vitest';
import { PayloadError, stationAnswer16, stationRequest16 } from './station.js';

describe('payloads of our own stations', () => {
  it('are given back when they are right', () => {
    // Goal: a station of ours writes what its types and the schema allow.
    const boot = { chargePointVendor: 'Busbar', chargePointModel: 'Simulator' };
    expect(stationRequest16('BootNotification', boot)).toBe(boot);
    expect(stationAnswer16('Reset', { status: 'Accepted' })).toEqual({ status: 'Accepted' });
  });

  it('are refused when they are not', () => {
    // Goal: what the types cannot see, a length and a time, is found before it leaves.
    const failure = (make: () => unknown) => {
      try {
        make();
        return undefined;
      } catch (error) {
        return error instanceof PayloadError ? [error.code, error.action, error.pointer] : error;
      }
    };
    expect(failure(() => stationRequest16('Authorize', { idTag: 'T'.repeat(21) }))).toEqual([
      'payload-invalid',
      'Authorize',
      '/idTag',
    ]);
    const start = { connectorId: 1, idTag: 'T', meterStart: 0, timestamp: 'now' };
    expect(failure(() => stationRequest16('StartTransaction', start))).toEqual([
      'payload-invalid',
      'StartTransaction',
      '/timestamp',
    ]);
  });
});
