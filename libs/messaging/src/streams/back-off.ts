import { setTimeout as delay } from 'node:timers/promises';
import type { Bus } from '../bus.js';

/** How long the server may take for a request about a stream or a consumer. */
export const apiTimeoutMs = 2000;

/** Milliseconds before attempt number `attempt` + 1: doubling from a quarter of a second, with jitter, up to a bound. */
export function backOffMs(attempt: number, maxMs: number): number {
  const fullMs = Math.min(maxMs, 250 * 2 ** Math.min(attempt - 1, 20));
  return fullMs / 2 + (Math.random() * fullMs) / 2;
}

/** Waits, or returns at once when the signal is given. */
export async function pause(timeMs: number, signal: AbortSignal): Promise<void> {
  try {
    await delay(timeMs, undefined, { signal });
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

/** Waits for the connection: a request sent without one would only time out. Returns early when the signal is given. */
export function untilConnected(bus: Bus, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      forget();
      signal.removeEventListener('abort', done);
      resolve();
    };
    const forget = bus.onStatus((connected) => {
      if (connected) done();
    });
    signal.addEventListener('abort', done, { once: true });
    if (bus.connected || signal.aborted) done();
  });
}
