import { describe, expect, it } from 'vitest';
import { advancePace, delayMs, paceOf } from './pace.js';

describe('pace', () => {
  const pace = paceOf(50);

  function send(count: number, everyMs: number): number[] {
    let servedAt = 0;
    const delays: number[] = [];
    for (let n = 0; n < count; n += 1) {
      servedAt = advancePace(pace, servedAt, n * everyMs);
      delays.push(delayMs(pace, servedAt, n * everyMs));
    }
    return delays;
  }

  // At the soft rate, and in a burst of one second's worth, nobody is delayed.
  it('leaves the ordinary alone', () => {
    expect(Math.max(...send(1000, 20))).toBe(0);
    expect(Math.max(...send(50, 0))).toBe(0);
  });

  // Beyond it the delay grows, up to its bound.
  it('delays the fast', () => {
    expect(send(51, 0).at(-1)).toBe(20);
    expect(send(200, 0).at(-1)).toBe(250);
  });

  // A pause is forgiven.
  it('forgets', () => {
    const servedAt = advancePace(pace, 5000, 10_000);
    expect(delayMs(pace, servedAt, 10_000)).toBe(0);
  });
});
