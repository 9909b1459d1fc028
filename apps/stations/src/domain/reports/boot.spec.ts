import { type StationId, TimeOrderedIds } from '@busbar/domain';
import { describe, expect, it } from 'vitest';
import { type Boot, bootIntervalSeconds, cameTooSoon, changesSince } from './boot.js';

const ids = new TimeOrderedIds();
const boot: Boot = {
  epoch: 1,
  seq: 1,
  bootedAt: new Date('2026-01-01T00:00:00Z'),
  registration: 'pending',
  intervalSeconds: 60,
  vendor: 'ABB',
  model: 'Terra',
  serialNumber: 'S-1',
  firmwareVersion: '1.0',
  iccid: null,
  imsi: null,
  meterType: null,
  meterSerialNumber: null,
  chargeBoxSerialNumber: null,
  raw: null,
};

describe('boot', () => {
  // Goal: the accepted interval is exactly the heartbeat's; the waits of the others are spread, never shortened (R-01, K-10).
  it('R-01: answers heartbeat or a spread wait', () => {
    const station = ids.next<'station'>();
    expect(bootIntervalSeconds(station, 'accepted', 300)).toBe(300);
    const waits = Array.from({ length: 200 }, () => bootIntervalSeconds(ids.next<'station'>(), 'pending', 400));
    expect(Math.min(...waits)).toBeGreaterThanOrEqual(400);
    expect(Math.max(...waits)).toBeLessThanOrEqual(500);
    expect(new Set(waits).size).toBeGreaterThan(50);
    expect(bootIntervalSeconds(station, 'rejected', 60)).toBe(bootIntervalSeconds(station, 'rejected', 60));
    expect(bootIntervalSeconds('a' as StationId, 'pending', 1)).toBe(1);
  });

  // Goal: a firmware change is seen, a first boot and an equal one are none (rule R-11).
  it('R-11: tells what changed', () => {
    expect(changesSince(undefined, boot)).toBeNull();
    expect(changesSince(boot, { ...boot, epoch: 2, raw: '{}' })).toBeNull();
    expect(changesSince(boot, { ...boot, firmwareVersion: '2.0' })).toEqual({
      firmwareVersion: { from: '1.0', to: '2.0' },
    });
  });

  // Goal: only a station that was told to wait can come too soon (rule R-13).
  it('R-13: notices a station that does not wait', () => {
    expect(cameTooSoon(boot, new Date('2026-01-01T00:00:59.999Z'))).toBe(true);
    expect(cameTooSoon(boot, new Date('2026-01-01T00:01:00Z'))).toBe(false);
    expect(cameTooSoon({ ...boot, registration: 'accepted' }, new Date('2026-01-01T00:00:01Z'))).toBe(false);
    expect(cameTooSoon(undefined, new Date())).toBe(false);
  });
});
