import { testLogger } from '@busbar/testing';
import { describe, expect, it } from 'vitest';
import { descriptorLimit, stationsAllowed } from './descriptors.js';

const { logger } = testLogger();

describe('stationsAllowed', () => {
  // What is wanted must fit, with room for the process itself.
  it('takes what is wanted', () => {
    expect(stationsAllowed(15_000, 20_000, logger)).toBe(15_000);
    expect(stationsAllowed(19_744, 20_000, logger)).toBe(19_744);
  });

  // Nothing wanted: as many as fit.
  it('takes what fits', () => {
    expect(stationsAllowed(0, 20_000, logger)).toBe(19_744);
    expect(stationsAllowed(0, null, logger)).toBe(Number.POSITIVE_INFINITY);
  });

  // Too low a limit is a sentence with both numbers in it.
  it('refuses a limit that is too low', () => {
    expect(() => stationsAllowed(20_000, 20_000, logger)).toThrow(/20256 file descriptors, and .* have 20000.*ulimit/);
    expect(() => stationsAllowed(0, 128, logger)).toThrow(/may have 128/);
  });
});

describe('descriptorLimit', () => {
  // The system's own word, a number or nothing.
  it('reads the limit', () => {
    const limit = descriptorLimit();
    expect(limit === null || limit > 0).toBe(true);
  });
});
