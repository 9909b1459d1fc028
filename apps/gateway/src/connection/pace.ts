/** How a station's messages are paced: above the rate answers are delayed, and nothing is refused. DESIGN §12. */
export interface Pace {
  /** Milliseconds between two messages at the soft rate. */
  intervalMs: number;
  /** How far ahead of the rate a station may run before it is delayed, in milliseconds' worth of it. */
  burstMs: number;
  delayMsMax: number;
}

export function paceOf(perSecond: number): Pace {
  return { intervalMs: 1000 / perSecond, burstMs: 1000, delayMsMax: 250 };
}

/**
 * The next value of a station's pacing clock, which is all that is remembered of its rate: the instant at which
 * its messages so far would have been served at the soft rate.
 */
export function advancePace(pace: Pace, servedAt: number, now: number): number {
  return Math.max(servedAt, now) + pace.intervalMs;
}

/** How long the message that led to `servedAt` is to be delayed. */
export function delayMs(pace: Pace, servedAt: number, now: number): number {
  const ahead = servedAt - now - pace.burstMs;
  return ahead <= 0 ? 0 : Math.min(ahead, pace.delayMsMax);
}
