import type { Connection } from '../connection/connection.js';
import type { Connections } from '../connection/connections.js';
import type { Reporter } from './reporter.js';

const perTick = 200;

/**
 * Reports all connections once more. Needed when the lease was gone for a while, because services take the stations
 * of a gateway without a lease for disconnected, and a station that idles would be thought so until its next message.
 */
export class ConnectedAgain {
  #waiting: Connection[] = [];

  constructor(
    private readonly connections: Connections,
    private readonly reporter: Reporter,
  ) {}

  /** All that is held now. */
  begin(): void {
    this.#waiting = this.connections.all.filter((connection) => connection.phase === 'held');
  }

  /** Ten times a second: the next of them, so that services are not flooded by every gateway at once. */
  tick(): void {
    if (this.#waiting.length === 0) return;
    for (const connection of this.#waiting.splice(0, perTick)) {
      if (connection.phase === 'held') reportConnected(this.reporter, connection, true);
    }
  }
}

/** Reports that a connection holds its station. */
export function reportConnected(reporter: Reporter, connection: Connection, again: boolean): void {
  const { version, remoteAddress, session } = connection;
  const { securityProfile } = session;
  reporter.own(connection, 'station.connected', { version, transport: 'ws', securityProfile, remoteAddress, again });
}
