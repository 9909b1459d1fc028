/** Where the time comes from; injected, so that a test can move it. */
export interface Clock {
  /** Wall clock: for what is stored and shown. */
  now(): Date;
  /** Milliseconds that only ever rise: for deadlines, leases and time-outs. */
  monotonicMs(): number;
}

export const systemClock: Clock = {
  now: () => new Date(),
  monotonicMs: () => performance.now(),
};
