import { describe, expect, it } from 'vitest';
import { waitUntil } from './wait-until.js';

describe('waitUntil', () => {
  it('gives what the condition gave in the end', async () => {
    let asked = 0;
    const value = await waitUntil('the third time', () => {
      asked += 1;
      if (asked === 1) throw new Error('not yet');
      return asked === 3 ? 'three' : undefined;
    });
    expect(value).toBe('three');
  });

  // A test that waited in vain must say for what, and why the condition failed.
  it('fails with the reason and the last error', async () => {
    const cause = new Error('away');
    const waiting = waitUntil(
      'it comes',
      () => {
        throw cause;
      },
      { timeoutMs: 20 },
    );
    await expect(waiting).rejects.toMatchObject({ message: 'waited 20 ms until it comes', cause });
  });
});
