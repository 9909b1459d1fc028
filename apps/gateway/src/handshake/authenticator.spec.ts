import type { ConnectAttempt, ConnectResult } from '@busbar/events';
import { BusError } from '@busbar/messaging';
import { FakeClock, testLogger } from '@busbar/testing';
import { describe, expect, it } from 'vitest';
import { type AskStations, Authenticator } from './authenticator.js';

const options = { attemptsMax: 10, waitMs: 1, inFlightMax: 2, timeoutMs: 1500, pauseMs: 1 };
const refused: ConnectResult = { outcome: 'refused', reason: 'unknown-station' };

function attempt(identity: string): ConnectAttempt {
  return { identity, listener: 'plain', remoteAddress: '127.0.0.1' };
}

function setUp(ask: AskStations) {
  const clock = new FakeClock();
  const sizes: number[] = [];
  const authenticator = new Authenticator(
    (attempts, timeoutMs) => {
      sizes.push(attempts.length);
      return ask(attempts, timeoutMs);
    },
    clock,
    testLogger().logger,
    options,
  );
  const many = (count: number) =>
    Promise.all(
      Array.from({ length: count }, (_, n) =>
        authenticator.authenticate(attempt(`CP${n}`), clock.monotonicMs() + 5000),
      ),
    );
  return { authenticator, clock, sizes, many };
}

describe('Authenticator', () => {
  // A storm travels in batches, and each attempt gets its own result.
  it('asks in batches', async () => {
    const { many, sizes } = setUp(async (attempts) =>
      attempts.map(({ identity }) => (identity === 'CP7' ? { ...refused, reason: 'wrong-key' } : refused)),
    );
    const results = await many(45);
    expect(sizes.length).toBeLessThanOrEqual(6);
    expect(Math.max(...sizes)).toBe(10);
    expect(results.map((result) => (result?.outcome === 'refused' ? result.reason : result))).toEqual(
      Array.from({ length: 45 }, (_, n) => (n === 7 ? 'wrong-key' : 'unknown-station')),
    );
  });

  // A replica that dies costs a retry, not a refusal.
  it('asks again', async () => {
    let calls = 0;
    const { many } = setUp(async (attempts) => {
      calls += 1;
      if (calls < 3) throw new BusError('no-responders', 'nobody');
      return attempts.map(() => refused);
    });
    expect(await many(3)).toEqual([refused, refused, refused]);
  });

  // One attempt that makes the service fail must not take others with it.
  it('finds the attempt that spoils a batch', async () => {
    const { many, clock } = setUp(async (attempts) => {
      if (attempts.some(({ identity }) => identity === 'CP3')) {
        if (attempts.length === 1) clock.advance(5000);
        throw new Error('internal');
      }
      return attempts.map(() => refused);
    });
    const results = await many(8);
    expect(results.map((result) => result === null)).toEqual(Array.from({ length: 8 }, (_, n) => n === 3));
  });

  // The deadline is kept, whatever happens.
  it('gives up at the deadline', async () => {
    const timeouts: number[] = [];
    const { many, clock } = setUp(async (_, timeoutMs) => {
      timeouts.push(timeoutMs);
      clock.advance(timeoutMs);
      throw new BusError('timeout', 'no answer');
    });
    expect(await many(2)).toEqual([null, null]);
    expect(timeouts).toEqual([1500, 1500, 1500, 500]);
  });
});
