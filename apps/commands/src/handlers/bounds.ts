/** Callers may wait for a minute, so many more handlers than connections to Postgres may run at once. */
export const waitingBounds = { concurrencyMax: 4_000, waitingMax: 1_000 } as const;
