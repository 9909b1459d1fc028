import type { SessionUpdate } from '@busbar/events';
import { type Close, closes } from '../connection/close-codes.js';
import type { Connections } from '../connection/connections.js';
import type { Sender } from '../connection/sender.js';

/** Applies what services changed about a station to the connection that holds it; without one there is nothing to do. */
export class SessionUpdates {
  constructor(
    private readonly connections: Connections,
    private readonly sender: Sender,
  ) {}

  apply(update: SessionUpdate): void {
    const connection = this.connections.holder(update.station);
    if (connection === undefined) return;
    const { session } = connection;
    if (update.registration !== undefined) {
      session.registration = update.registration;
      if (update.registration !== 'pending') connection.triggered = null;
    }
    if (update.heartbeatIntervalSeconds !== undefined) {
      session.heartbeatIntervalSeconds = update.heartbeatIntervalSeconds;
    }
    if (update.strict !== undefined) session.strict = update.strict;
    if (update.watchedUntil !== undefined) session.watchedUntil = update.watchedUntil;
    if (update.close !== undefined) this.sender.close(connection, closeOf(update.close));
  }
}

/** A close that a service asks for, in its own words: those are ours, from a short list, never a station's. */
function closeOf({ code, reason }: NonNullable<SessionUpdate['close']>): Close {
  return { ...closes.dismissed, code, reason: /^[a-z-]{1,60}$/.test(reason) ? reason : closes.dismissed.reason };
}
