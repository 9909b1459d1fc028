import { type Directory, DirectoryError } from '@busbar/directory';
import type { GatewayId, StationId } from '@busbar/domain';
import type { SessionUpdate } from '@busbar/events';
import { type Bus, BusError } from '@busbar/messaging';
import type { Logger } from '@busbar/observability';

const timeoutMs = 1_000;
const closedAgainAfterMs = 10_000;
const closedMax = 1_000;

/** Where a station was last known to be connected, for when the directory is away. */
export interface KnownGateways {
  gatewayOf(station: StationId): Promise<GatewayId | null>;
}

/**
 * Tells the gateway that holds a station what changed about it. Best effort: a gateway that is missed learns it at
 * the station's next connect, and a deleted station is closed again as soon as it is heard of.
 */
export class SessionPush {
  readonly #closedAt = new Map<StationId, number>();

  constructor(
    private readonly bus: Bus,
    private readonly directory: Directory,
    private readonly known: KnownGateways,
    private readonly logger: Logger,
  ) {}

  /**
   * True when a gateway took it. Never throws for a gateway or a directory that does not answer. `lastKnown` is
   * where the station was, for a caller that has just removed what says so.
   */
  async push(update: SessionUpdate, lastKnown: GatewayId | null = null): Promise<boolean> {
    const gateway = (await this.#gatewayOf(update.station)) ?? lastKnown;
    if (gateway === null) return false;
    return this.#send(gateway, update);
  }

  /**
   * Closes connections of stations that are deleted, each at most every ten seconds, without being waited for: who
   * reports them is the gateway that must close them.
   */
  closeStraysLater(gateway: GatewayId, stations: readonly StationId[]): void {
    const nowMs = performance.now();
    for (const station of stations) {
      const last = this.#closedAt.get(station);
      if (last !== undefined && nowMs - last < closedAgainAfterMs) continue;
      if (this.#closedAt.size >= closedMax) this.#closedAt.clear();
      this.#closedAt.set(station, nowMs);
      this.#close(gateway, station).catch((error: unknown) => {
        this.logger.warn({ err: error, gateway, station }, 'a deleted station could not be closed');
      });
    }
  }

  /** One that was not taken may be tried again with the next report. */
  async #close(gateway: GatewayId, station: StationId): Promise<void> {
    const taken = await this.#send(gateway, { station, close: { code: 1008, reason: 'not-registered' } });
    if (!taken) this.#closedAt.delete(station);
  }

  async #send(gateway: GatewayId, update: SessionUpdate): Promise<boolean> {
    try {
      await this.bus.request(this.bus.subjects.gatewaySession(gateway), update, { timeoutMs });
      return true;
    } catch (error) {
      if (!(error instanceof BusError)) throw error;
      this.logger.info({ gateway, station: update.station, code: error.code }, 'a session update was not taken');
      return false;
    }
  }

  async #gatewayOf(station: StationId): Promise<GatewayId | null> {
    try {
      const owner = await this.directory.ownerOf(station);
      if (owner) return owner.gateway;
    } catch (error) {
      if (!(error instanceof DirectoryError)) throw error;
    }
    return this.known.gatewayOf(station);
  }
}
