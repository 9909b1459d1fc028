import type { Directory } from '@busbar/directory';
import type { GatewayId, StationId } from '@busbar/domain';
import type { FenceRequest } from '@busbar/events';
import { type Bus, BusError } from '@busbar/messaging';
import type { Logger } from '@busbar/observability';
import type { QueueStore } from '../domain/queue-store.js';
import type { Losses } from './losses.js';

const gatewaysMax = 1_000;
const batchMax = 500;
const answerMs = 1_000;
const noStation = '00000000000000000000000000' as StationId;

/**
 * Notices gateways that ended without a word and gives up the CALLs that they had. A gateway is taken for dead when
 * its lease is gone on two looks in a row and it does not answer on the bus either: an empty or restarted Redis has
 * no lease of anyone, and must not end a single command. Any replica may do this at the same time.
 */
export class LostGateways {
  #suspects: ReadonlySet<GatewayId> = new Set();

  constructor(
    private readonly queue: QueueStore,
    private readonly directory: Directory,
    private readonly bus: Bus,
    private readonly losses: Losses,
    private readonly logger: Logger,
  ) {}

  async run(): Promise<void> {
    const gateways = await this.queue.busyGateways(gatewaysMax);
    const missing = await this.#missing(gateways);
    const again = missing.filter((gateway) => this.#suspects.has(gateway));
    this.#suspects = new Set(missing);
    await Promise.all(again.map((gateway) => this.#examine(gateway)));
  }

  async #missing(gateways: readonly GatewayId[]): Promise<GatewayId[]> {
    if (gateways.length === 0) return [];
    try {
      const living = await this.directory.livingGateways(gateways);
      return gateways.filter((gateway) => !living.has(gateway));
    } catch (error) {
      // A directory that is away knows nothing of anyone's end.
      this.logger.debug({ err: error }, 'the leases could not be read');
      return [];
    }
  }

  async #examine(gateway: GatewayId): Promise<void> {
    if (await this.#answers(gateway)) return;
    const inFlight = await this.queue.inFlightTo(gateway, batchMax);
    this.logger.warn({ gateway, commands: inFlight.length }, 'a gateway is gone; its CALLs are given up');
    await this.losses.giveUp(inFlight, 'gateway-gone', (command) => command.gateway === gateway);
  }

  /** Asks it to fence nothing: every connection is newer than epoch 0, and only a living gateway answers. */
  async #answers(gateway: GatewayId): Promise<boolean> {
    const nothing: FenceRequest = { station: noStation, epoch: 0, gateway };
    try {
      await this.bus.request(this.bus.subjects.gatewayFence(gateway), nothing, { timeoutMs: answerMs });
      return true;
    } catch (error) {
      const silent = error instanceof BusError && (error.code === 'no-responders' || error.code === 'timeout');
      // Anything else is our own trouble with the bus and says nothing of the gateway.
      return !silent;
    }
  }
}
