import type { Directory } from '@busbar/directory';
import type { Clock, GatewayId } from '@busbar/domain';
import type { Bus } from '@busbar/messaging';
import type { Logger } from '@busbar/observability';
import type { Pulse } from './pulse.js';

const tickMs = 250;

interface Ping {
  /** Monotonic, of this process. */
  sentAt: number;
}

/**
 * Keeps this gateway's lease: it pings itself through NATS, and each ping that comes back renews the lease in
 * Redis. So a gateway that NATS has lost, whose stations can be told nothing, loses its lease as well.
 */
export class Lease {
  readonly #stop: () => void;
  #pingedAt = Number.NEGATIVE_INFINITY;
  #renewedAt = Number.NEGATIVE_INFINITY;
  #had = false;
  #timer: NodeJS.Timeout;

  constructor(
    private readonly gateway: GatewayId,
    private readonly bus: Bus,
    private readonly directory: Directory,
    private readonly pulse: Pulse,
    private readonly clock: Clock,
    private readonly logger: Logger,
    /** Also how often the lease is renewed, which must be several times within its life. */
    private readonly pingEveryMs: number,
    /** There is a lease again after it was gone: it ran out, or the directory was emptied. */
    private readonly onGone: () => void,
  ) {
    const subscription = bus.subscribe<Ping>(bus.subjects.gatewayPing(gateway), ({ sentAt }) => this.#heard(sentAt));
    this.#stop = () => subscription.stop();
    this.#timer = setInterval(() => this.#tick(), tickMs);
    this.#tick();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#stop();
  }

  #tick(): void {
    const now = this.clock.monotonicMs();
    const doubtful = this.pulse.tick();
    if (!doubtful && !this.pulse.lost && now - this.#pingedAt < this.pingEveryMs) return;
    this.#pingedAt = now;
    try {
      this.bus.publish(this.bus.subjects.gatewayPing(this.gateway), { sentAt: now });
    } catch (error) {
      // The pulse notices by itself that no ping comes back.
      this.logger.debug({ err: error }, 'no ping could be sent');
    }
  }

  #heard(sentAt: number): void {
    if (typeof sentAt !== 'number') return;
    this.pulse.heard(sentAt);
    const now = this.clock.monotonicMs();
    if (this.pulse.lost || now - this.#renewedAt < this.pingEveryMs / 2) return;
    void this.renew();
  }

  /** Also when the directory has come back. Never rejects. */
  async renew(): Promise<void> {
    if (this.pulse.lost) return;
    this.#renewedAt = this.clock.monotonicMs();
    try {
      const living = await this.directory.livingGateways([this.gateway]);
      await this.directory.renewLease(this.gateway);
      if (this.#had && !living.has(this.gateway)) this.onGone();
      this.#had = true;
    } catch (error) {
      this.logger.debug({ err: error }, 'the lease could not be renewed');
    }
  }
}
