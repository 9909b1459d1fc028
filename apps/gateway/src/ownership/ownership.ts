import type { Directory } from '@busbar/directory';
import type { Clock, GatewayId, StationId } from '@busbar/domain';
import type { ClaimAnnouncement } from '@busbar/events';
import type { Bus } from '@busbar/messaging';
import type { Logger } from '@busbar/observability';
import type { Connections } from '../connection/connections.js';
import type { Sender } from '../connection/sender.js';
import type { GatewayMetrics } from '../metrics.js';
import { Announcer } from './announcer.js';
import { Claims } from './claims.js';
import { Epochs } from './epochs.js';
import { Fencing } from './fencing.js';
import { Lease } from './lease.js';
import type { Pulse } from './pulse.js';

const fenceTimeoutMs = 1000;

export interface OwnershipParts {
  readonly gateway: GatewayId;
  readonly bus: Bus;
  readonly directory: Directory;
  readonly connections: Connections;
  readonly sender: Sender;
  readonly pulse: Pulse;
  readonly clock: Clock;
  readonly metrics: GatewayMetrics;
  readonly logger: Logger;
  readonly sweepMs: number;
  readonly pingEveryMs: number;
  /** Services may take this gateway's stations for disconnected. */
  leaseWasGone(): void;
  /** A living connection of the station was displaced by one of this gateway. */
  takenOver(station: StationId): void;
}

/** Which stations this gateway holds, and that all others know it: claims, fences, lease and announcements. */
export class Ownership {
  readonly claims: Claims;
  readonly #fencing: Fencing;
  readonly #announcer: Announcer;
  readonly #lease: Lease;

  constructor(private readonly parts: OwnershipParts) {
    const { gateway, bus, directory, connections, pulse, clock, logger } = parts;
    this.#fencing = new Fencing(
      {
        ask: (previous, request) =>
          bus.request(bus.subjects.gatewayFence(previous), request, { timeoutMs: fenceTimeoutMs }),
        livingGateways: (gateways) => directory.livingGateways(gateways),
      },
      clock,
      logger,
      (station) => parts.takenOver(station),
    );
    this.claims = new Claims({
      ...parts,
      epochs: new Epochs(clock),
      fencing: this.#fencing,
      announce: (claim) => this.#announce(claim),
      takenOver: (station) => parts.takenOver(station),
    });
    this.#announcer = new Announcer(gateway, directory, connections, this.claims, logger, parts.sweepMs);
    this.#lease = new Lease(gateway, bus, directory, pulse, clock, logger, parts.pingEveryMs, () => {
      this.#announcer.announceAll();
      parts.leaseWasGone();
    });
    directory.onStatus((available) => {
      if (!available) return;
      void this.#lease.renew();
      this.#announcer.announceAll();
    });
  }

  /** Once a second. */
  sweep(): void {
    void this.#announcer.sweep();
  }

  /** Gives the lease up: what is left in the directory is void from now on. */
  async end(): Promise<void> {
    try {
      await this.parts.directory.endLease(this.parts.gateway);
    } catch (error) {
      // It ends by itself within ten seconds.
      this.parts.logger.debug({ err: error }, 'the lease could not be ended');
    }
  }

  close(): void {
    this.#lease.stop();
    this.#fencing.stop();
  }

  #announce(claim: ClaimAnnouncement): void {
    try {
      this.parts.bus.publish(this.parts.bus.subjects.claimed(), claim);
    } catch (error) {
      // Without bus and directory nobody can be told; the lease runs out in that case.
      this.parts.logger.debug({ err: error }, 'a claim could not be announced');
    }
  }
}
