/** Why a command waits, as far as the length of the wait depends on it. */
export type WaitingFor = 'slot' | 'ready' | 'owner';

const firstMs: { readonly [W in WaitingFor]: number } = { slot: 50, ready: 200, owner: 2_000 };
const mostMs: { readonly [W in WaitingFor]: number } = { slot: 2_000, ready: 2_000, owner: 30_000 };

/**
 * How long until a queued command is tried again by itself, doubling with each refusal in a row. Most waits end
 * sooner, by the report that the station is ready or by the end of the command before it.
 */
export function backOffMs(waitingFor: WaitingFor, refusals: number): number {
  return Math.min(mostMs[waitingFor], firstMs[waitingFor] * 2 ** Math.min(refusals, 10));
}
