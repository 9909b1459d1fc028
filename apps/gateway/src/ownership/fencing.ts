import type { Clock, GatewayId, StationId } from '@busbar/domain';
import type { FenceReply, FenceRequest } from '@busbar/events';
import type { Logger } from '@busbar/observability';

export interface FencingPorts {
  /** Asks a gateway to fence; rejects when no answer comes. */
  ask(gateway: GatewayId, request: FenceRequest): Promise<FenceReply>;
  /** Those whose lease lives; rejects when the directory is away. */
  livingGateways(gateways: readonly GatewayId[]): Promise<Set<GatewayId>>;
}

export interface FencingOptions {
  /** Between two attempts. */
  pauseMs: number;
  /** A lease that was not renewed is gone by then, whether or not the directory can say so. */
  giveUpAfterMs: number;
  atOnce: number;
}

const fencingOptions: FencingOptions = { pauseMs: 500, giveUpAfterMs: 15_000, atOnce: 256 };

interface Asked extends FenceRequest {
  previous: GatewayId;
  since: number;
}

const deadForgottenMs = 60_000;

/**
 * Asks previous owners to fence, in the background, until they answer or their lease is gone. The newcomer is
 * served meanwhile: it has authenticated, and its epoch is the higher one.
 */
export class Fencing {
  readonly #waiting: Asked[] = [];
  readonly #dead = new Map<GatewayId, number>();
  #running = 0;
  #stopped = false;

  constructor(
    private readonly ports: FencingPorts,
    private readonly clock: Clock,
    private readonly logger: Logger,
    private readonly onFenced: (station: StationId) => void,
    private readonly options: FencingOptions = fencingOptions,
  ) {}

  /** Never rejects and does not wait. */
  ask(previous: GatewayId, request: FenceRequest): void {
    const now = this.clock.monotonicMs();
    const dead = this.#dead.get(previous);
    if (this.#stopped || (dead !== undefined && now - dead < deadForgottenMs)) return;
    this.#waiting.push({ ...request, previous, since: now });
    this.#run();
  }

  /** Requests that are neither answered nor given up. */
  get outstanding(): number {
    return this.#running + this.#waiting.length;
  }

  stop(): void {
    this.#stopped = true;
    this.#waiting.length = 0;
  }

  #run(): void {
    while (this.#running < this.options.atOnce) {
      const asked = this.#waiting.shift();
      if (asked === undefined) return;
      this.#running += 1;
      void this.#pursue(asked).finally(() => {
        this.#running -= 1;
        this.#run();
      });
    }
  }

  async #pursue(asked: Asked): Promise<void> {
    const { previous, station, epoch, gateway } = asked;
    while (!this.#stopped && !this.#dead.has(previous)) {
      try {
        const reply = await this.ports.ask(previous, { station, epoch, gateway });
        if (reply.fenced) this.onFenced(station);
        return;
      } catch (error) {
        this.logger.debug({ err: error, station, previous }, 'the previous owner of a station does not answer');
      }
      if (await this.#gone(previous)) return;
      if (this.clock.monotonicMs() - asked.since > this.options.giveUpAfterMs) {
        this.logger.warn({ station, previous }, 'the previous owner of a station could not be asked to fence');
        return;
      }
      await new Promise((resolve) => setTimeout(resolve, this.options.pauseMs));
    }
  }

  async #gone(gateway: GatewayId): Promise<boolean> {
    try {
      const living = await this.ports.livingGateways([gateway]);
      if (living.has(gateway)) return false;
    } catch (error) {
      this.logger.debug({ err: error, gateway }, 'whether a gateway lives is not known');
      return false;
    }
    this.#bury(gateway);
    return true;
  }

  /** After a gateway died all its stations come at once; the first that finds out speaks for all. */
  #bury(gateway: GatewayId): void {
    const now = this.clock.monotonicMs();
    for (const [other, since] of this.#dead) if (now - since >= deadForgottenMs) this.#dead.delete(other);
    this.#dead.set(gateway, now);
  }
}
