import { describe, expect, it } from 'vitest';
import { Gate } from './gate.js';

describe('Gate', () => {
  // Goal: never more at once than its width, everything in its order, and a failure leaves the door open.
  it('lets so many in at once, in order', async () => {
    const gate = new Gate(2);
    const begun: number[] = [];
    const ends: (() => void)[] = [];
    const runs = [0, 1, 2, 3].map((n) =>
      gate.run(() => {
        begun.push(n);
        const { promise, resolve, reject } = Promise.withResolvers<void>();
        ends.push(n === 1 ? () => reject(new Error('failed on purpose')) : resolve);
        return promise;
      }),
    );
    const settled = Promise.allSettled(runs);
    await Promise.resolve();
    expect([begun, gate.waiting]).toEqual([[0, 1], 2]);
    ends[1]?.();
    await expect(runs[1]).rejects.toThrow('failed on purpose');
    expect([begun, gate.waiting]).toEqual([[0, 1, 2], 1]);
    ends[0]?.();
    await runs[0];
    expect(begun).toEqual([0, 1, 2, 3]);
    ends[2]?.();
    ends[3]?.();
    expect((await settled).map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'fulfilled']);
  });
});
