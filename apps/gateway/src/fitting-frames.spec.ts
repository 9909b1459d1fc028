import { testLogger } from '@busbar/testing';
import { describe, expect, it } from 'vitest';
import { fittingFrames } from './fitting-frames.js';

describe('fittingFrames', () => {
  // A server that takes enough changes nothing, and nothing is said.
  it('keeps what fits', () => {
    const { logger, lines } = testLogger();
    expect(fittingFrames(256 * 1024, 1024 * 1024, logger)).toBe(256 * 1024);
    expect(lines).toEqual([]);
  });

  // One that takes less lowers the limit, with a line that says so.
  it('follows a smaller server', () => {
    const { logger, lines } = testLogger();
    expect(fittingFrames(1024 * 1024, 1024 * 1024, logger)).toBe(256 * 1024);
    expect(lines.length).toBe(1);
    expect(lines[0]).toContain('262144');
  });
});
