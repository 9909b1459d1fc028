import { describe, expect, it } from 'vitest';
import { Meter } from './meter.js';

describe('Meter', () => {
  // The register is the integral of power over time, and reading it often loses nothing.
  it('integrates power exactly', () => {
    let now = 0;
    const often = new Meter(1000, () => now);
    const seldom = new Meter(1000, () => now);
    often.powerW = 11_000;
    seldom.powerW = 11_000;
    for (now = 0; now < 3_600_000; now += 701) {
      expect(often.registerWh).toBeGreaterThanOrEqual(1000);
    }
    now = 3_600_000;
    expect(often.registerWh).toBe(12_000);
    expect(seldom.registerWh).toBe(12_000);
  });

  // Without power the register stands still; it never goes back.
  it('stands still without power', () => {
    let now = 0;
    const meter = new Meter(5, () => now);
    now = 10_000_000;
    expect(meter.registerWh).toBe(5);
    meter.powerW = 3_600;
    now += 1_000;
    meter.powerW = 0;
    now += 1_000_000;
    expect(meter.registerWh).toBe(6);
  });
});
