import type { Directory } from '@busbar/directory';
import type { GatewayId, StationId } from '@busbar/domain';
import type { ClaimAnnouncement } from '@busbar/events';
import type { Logger } from '@busbar/observability';
import { closes } from '../connection/close-codes.js';
import type { Connection } from '../connection/connection.js';
import type { Connections } from '../connection/connections.js';
import type { Sender } from '../connection/sender.js';
import type { GatewayMetrics } from '../metrics.js';
import type { Epochs } from './epochs.js';
import type { Fencing } from './fencing.js';

export interface ClaimsParts {
  readonly gateway: GatewayId;
  readonly directory: Pick<Directory, 'claim' | 'release'>;
  readonly connections: Connections;
  readonly sender: Sender;
  readonly epochs: Epochs;
  readonly fencing: Fencing;
  readonly metrics: GatewayMetrics;
  readonly logger: Logger;
  /** Tells all gateways of a claim that the directory has not seen. */
  announce(claim: ClaimAnnouncement): void;
  /** A connection was displaced by a newer one here. */
  takenOver(station: StationId): void;
}

/**
 * Makes connections the holders of their stations. The newest authenticated connection of a station is its holder:
 * whoever held it before is fenced, here or at another gateway, and its late close changes nothing. // K-06, K-07
 */
export class Claims {
  constructor(private readonly parts: ClaimsParts) {}

  /** True once the connection holds its station; false when it was closed meanwhile or a newer one exists. */
  async claim(connection: Connection): Promise<boolean> {
    const { station } = connection.session;
    const { gateway, connections, sender, fencing, metrics } = this.parts;
    const { epoch, previous } = await this.#epoch(station);
    if (connection.socket === null || connection.phase === 'fenced') {
      this.#release(station, epoch);
      return false;
    }
    const current = connections.holder(station);
    if (current !== undefined && current.epoch > epoch) {
      // Two connections of one station were claimed here at once, and this is the older one.
      sender.close(connection, closes.takenOver);
      return false;
    }
    if (current !== undefined) {
      this.#displace(current, 'here');
      this.parts.takenOver(station);
    }
    connection.epoch = epoch;
    connection.phase = 'held';
    connections.hold(connection);
    if (previous !== null && previous !== gateway) {
      metrics.takeover('from-another');
      fencing.ask(previous, { station, epoch, gateway });
    }
    return true;
  }

  /** The connection is closed: the station is nobody's now, unless someone else has claimed it. */
  closed(connection: Connection): void {
    const displaced = connection.closedFor?.code === closes.takenOver.code;
    if (connection.epoch > 0 && !displaced) this.#release(connection.session.station, connection.epoch);
  }

  /** Another gateway holds a newer epoch. True when a connection of ours was fenced by it. */
  fence(station: StationId, epoch: number): boolean {
    this.parts.epochs.saw(epoch);
    const current = this.parts.connections.holder(station);
    if (current === undefined || current.epoch >= epoch) return false;
    this.#displace(current, 'by-another');
    return true;
  }

  /** Another gateway claimed a station without the directory. If ours is newer, it and all others must know. */
  heard(claim: ClaimAnnouncement): void {
    const { station, epoch } = claim;
    const { gateway, connections, announce } = this.parts;
    const current = connections.holder(station);
    if (claim.gateway === gateway || current === undefined || this.fence(station, epoch)) return;
    // The same microsecond at two gateways: the greater id stays, as in the directory.
    if (current.epoch === epoch && claim.gateway > gateway) this.#displace(current, 'by-another');
    else announce({ station, gateway, epoch: current.epoch });
  }

  async #epoch(station: StationId): Promise<{ epoch: number; previous: GatewayId | null }> {
    const { directory, epochs, gateway, metrics, logger } = this.parts;
    try {
      const { epoch, previous } = await directory.claim(station, gateway, epochs.next());
      epochs.saw(epoch);
      if (previous !== null) epochs.saw(previous.epoch);
      metrics.claim('directory');
      return { epoch, previous: previous?.gateway ?? null };
    } catch (error) {
      logger.debug({ err: error, station }, 'claimed without the directory');
      const epoch = epochs.own();
      metrics.claim('own');
      this.parts.announce({ station, gateway, epoch });
      return { epoch, previous: null };
    }
  }

  #displace(connection: Connection, by: 'here' | 'by-another'): void {
    const { connections, sender, metrics } = this.parts;
    sender.fence(connection);
    connections.letGo(connection);
    metrics.takeover(by);
    sender.close(connection, closes.takenOver);
  }

  /** In the background. An entry that stays behind is overwritten by the next claim. */
  #release(station: StationId, epoch: number): void {
    const { directory, gateway, logger } = this.parts;
    directory.release(station, gateway, epoch).catch((error: unknown) => {
      logger.debug({ err: error, station }, 'a station could not be released');
    });
  }
}
