import { setTimeout as delay } from 'node:timers/promises';
import { closes } from './connection/close-codes.js';
import type { Connection } from './connection/connection.js';
import type { Connections } from './connection/connections.js';
import type { Sender } from './connection/sender.js';

export interface DrainLimits {
  /** How many connections are closed per second at least; a twentieth of all, if that is more. */
  perSecondMin: number;
  stepMs: number;
  /** A connection with a CALL on its way is left until then. */
  patienceMs: number;
}

export const drainLimits: DrainLimits = { perSecondMin: 50, stepMs: 100, patienceMs: 20_000 };

/**
 * Closes all connections, evenly, so that their stations reach the other gateways as a stream and not as a storm.
 * Whoever waits for an answer gets it first, for as long as there is patience.
 */
export async function closeAll(
  connections: Connections,
  sender: Sender,
  limits: DrainLimits = drainLimits,
): Promise<void> {
  const perStep = (Math.max(limits.perSecondMin, connections.count / 20) * limits.stepMs) / 1000;
  const impatientAt = performance.now() + limits.patienceMs;
  let allowed = 0;
  while (connections.count > 0) {
    allowed += perStep;
    const patient = performance.now() < impatientAt;
    // Collected first: closing one moves another into its place.
    const closing: Connection[] = [];
    for (const connection of connections.all) {
      if (closing.length >= Math.floor(allowed)) break;
      if (!patient || !busy(connection)) closing.push(connection);
    }
    for (const connection of closing) sender.close(connection, closes.draining);
    // What nobody could be closed for is not saved up.
    allowed = Math.min(allowed - closing.length, Math.max(1, perStep));
    await delay(limits.stepMs);
  }
}

function busy(connection: Connection): boolean {
  return connection.outstanding !== null || (connection.calls !== null && connection.calls.length > 0);
}
