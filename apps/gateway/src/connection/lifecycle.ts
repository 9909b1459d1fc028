import type { Clock } from '@busbar/domain';
import type { Logger } from '@busbar/observability';
import type { Upgraded } from '../handshake/upgrades.js';
import type { Claims } from '../ownership/claims.js';
import { reportConnected } from '../relay/connected-again.js';
import type { Reporter } from '../relay/reporter.js';
import type { Stamp } from '../stamp.js';
import { closes } from './close-codes.js';
import { Connection, type StationSocket } from './connection.js';
import type { Connections } from './connections.js';
import type { Inbound } from './inbound.js';
import type { Liveness } from './liveness.js';
import type { OurCalls } from './our-calls.js';
import type { Sender } from './sender.js';

export interface LifecycleParts {
  readonly clock: Clock;
  readonly stamp: Stamp;
  readonly connections: Connections;
  readonly claims: Claims;
  readonly sender: Sender;
  readonly inbound: Inbound;
  readonly ourCalls: OurCalls;
  readonly liveness: Liveness;
  readonly reporter: Reporter;
  readonly logger: Logger;
}

/** The beginning and the end of connections. */
export class Lifecycle {
  constructor(private readonly parts: LifecycleParts) {}

  /** What the engine is to keep with an accepted socket; null for one that will be closed at once. */
  connection({ session, version, remoteAddress }: Upgraded): Connection | null {
    if (version === null) return null;
    return new Connection(session, version, remoteAddress, this.parts.stamp.tick(this.parts.clock.monotonicMs()));
  }

  opened(connection: Connection, socket: StationSocket): void {
    connection.socket = socket;
    this.parts.connections.add(connection);
    this.parts.liveness.firstPing(connection, Math.random());
    void this.#claim(connection);
  }

  /** The socket is closed, by whichever side. Called once per connection. */
  closed(connection: Connection, code: number, reason: string): void {
    const { connections, sender, inbound, ourCalls, claims, reporter, logger } = this.parts;
    const held = connection.epoch > 0;
    connection.socket = null;
    sender.fence(connection);
    connections.remove(connection);
    ourCalls.closed(connection);
    inbound.closed(connection);
    claims.closed(connection);
    const why = connection.closedFor ?? { code, reason };
    logger.debug({ station: connection.session.station, ...why }, 'a connection is closed');
    if (held) reporter.own(connection, 'station.disconnected', why);
  }

  async #claim(connection: Connection): Promise<void> {
    const { claims, reporter, inbound, clock, sender, logger } = this.parts;
    try {
      if (!(await claims.claim(connection))) return;
      reportConnected(reporter, connection, false);
      inbound.held(connection, clock.monotonicMs());
    } catch (error) {
      logger.error({ err: error, station: connection.session.station }, 'a station could not be claimed');
      sender.close(connection, closes.overloaded);
    }
  }
}
