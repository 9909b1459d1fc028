import type { Command } from './command.js';

/** A request that a gateway did not get to within this is refused by it, so a frozen one writes nothing stale. */
const writeWithinMs = 10_000;
/** How long after the gateway's own time-out its word may still be on its way. */
const settleGraceMs = 5_000;
/** How much longer than the gateway we wait for its reply. */
const replyGraceMs = 2_000;

/** The instant after which the gateway must not write the CALL. */
export function writeBy(command: Command, now: Date): Date {
  return new Date(Math.min(command.sendBy.getTime(), now.getTime() + writeWithinMs));
}

/** When no word of the CALL is to be expected any more. */
export function settleBy(command: Command, timeoutMs: number, now: Date): Date {
  return new Date(writeBy(command, now).getTime() + timeoutMs + settleGraceMs);
}

/** How long to wait for the gateway's reply, which comes when the CALL has ended. */
export function replyWithinMs(command: Command, timeoutMs: number, now: Date): number {
  return Math.max(0, writeBy(command, now).getTime() - now.getTime()) + timeoutMs + replyGraceMs;
}
