import { describe, expect, it } from 'vitest';
import { closes } from './close-codes.js';

describe('closes', () => {
  // Reasons are labels and words in the log: each stands for one close, and fits a close frame.
  it('has one reason each', () => {
    const reasons = Object.values(closes).map((close) => close.reason);
    expect(new Set(reasons).size).toBe(reasons.length);
    for (const reason of reasons) expect(reason).toMatch(/^[a-z-]{1,60}$/);
  });
});
