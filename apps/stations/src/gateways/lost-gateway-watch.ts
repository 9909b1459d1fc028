import { type Directory, DirectoryError } from '@busbar/directory';
import type { Clock, GatewayId, StationId } from '@busbar/domain';
import type { FenceRequest } from '@busbar/events';
import { type Bus, BusError } from '@busbar/messaging';
import type { Logger } from '@busbar/observability';
import { type GatewayLook, LostGateways } from '../domain/presence/lost-gateways.js';
import type { PresenceStore } from '../store/presence-store.js';

const pingTimeoutMs = 500;
const noStation = '00000000000000000000000000' as StationId;
/** With a lease of 10 s and a look each second, a silent gateway's stations are shown as gone within 15 s. */
const patienceMs = 2_000;

/**
 * Looks which gateways that hold stations have lost their lease, and marks the stations of those that are gone.
 * Any number of replicas may look: what they write is the same. Without Redis or the bus nothing is marked.
 */
export class LostGatewayWatch {
  readonly #lost = new LostGateways(patienceMs);

  constructor(
    private readonly presence: PresenceStore,
    private readonly directory: Directory,
    private readonly bus: Bus,
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {}

  /** One look; to be repeated each second. */
  async look(): Promise<void> {
    const gateways = await this.presence.gateways();
    const living = gateways.length === 0 ? new Set<GatewayId>() : await this.#livingGateways(gateways);
    if (living === null || !this.bus.connected) {
      this.#lost.reset();
      return;
    }
    const looks = await Promise.all(
      gateways.map(async (gateway): Promise<GatewayLook> => {
        const leaseAlive = living.has(gateway);
        const ask = !leaseAlive && this.#lost.suspected(gateway);
        return { gateway, leaseAlive, ping: ask ? await this.#ping(gateway) : null };
      }),
    );
    for (const gateway of this.#lost.judge(looks, this.clock.monotonicMs())) {
      const stations = await this.presence.markLost(gateway, this.clock.now());
      if (stations > 0) this.logger.warn({ gateway, stations }, 'a gateway is gone; its stations are disconnected');
    }
  }

  /** Null when the directory does not say. */
  async #livingGateways(gateways: readonly GatewayId[]): Promise<Set<GatewayId> | null> {
    try {
      return await this.directory.livingGateways(gateways);
    } catch (error) {
      if (error instanceof DirectoryError) return null;
      throw error;
    }
  }

  /** Asks the gateway to fence nothing: every connection is newer than epoch 0, and only a living one answers. */
  async #ping(gateway: GatewayId): Promise<GatewayLook['ping']> {
    const nothing: FenceRequest = { station: noStation, epoch: 0, gateway };
    try {
      await this.bus.request(this.bus.subjects.gatewayFence(gateway), nothing, { timeoutMs: pingTimeoutMs });
      return 'answered';
    } catch (error) {
      if (!(error instanceof BusError)) throw error;
      return error.code === 'no-responders' ? 'nobody' : 'silent';
    }
  }
}
