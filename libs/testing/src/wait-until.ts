import { setTimeout as delay } from 'node:timers/promises';

const firstIntervalMs = 2;
const intervalMsMax = 50;

/**
 * Waits until `condition` gives something truthy and returns that. A condition that throws counts as not yet true.
 * After `timeoutMs` (default 5,000) it fails with the reason, and with the condition's last error as the cause.
 */
export async function waitUntil<T>(
  reason: string,
  condition: () => T | Promise<T>,
  { timeoutMs = 5_000 }: { timeoutMs?: number } = {},
): Promise<Exclude<T, null | undefined | false | 0 | ''>> {
  const deadline = performance.now() + timeoutMs;
  let intervalMs = firstIntervalMs;
  let cause: unknown;
  for (;;) {
    try {
      const value = await condition();
      if (isTrue(value)) return value;
      cause = undefined;
    } catch (error) {
      cause = error;
    }
    if (performance.now() >= deadline) throw new Error(`waited ${timeoutMs} ms until ${reason}`, { cause });
    await delay(intervalMs);
    intervalMs = Math.min(intervalMs * 2, intervalMsMax);
  }
}

function isTrue<T>(value: T): value is Exclude<T, null | undefined | false | 0 | ''> {
  return Boolean(value);
}
