import type { Clock, GatewayId, IdSource } from '@busbar/domain';
import type { ReceiptBatch, ReportService, ToleratedNotice } from '@busbar/events';
import type { Bus } from '@busbar/messaging';
import type { Logger } from '@busbar/observability';
import type { GatewayMetrics } from '../metrics.js';
import type { Stamp } from '../stamp.js';
import { CommitPath } from './commit-path.js';
import type { DeliveryListener } from './delivery.js';
import { Probes } from './probes.js';
import { type Ask, batchLimits, ReportBatcher } from './report-batcher.js';
import { Reporter } from './reporter.js';

const services: readonly ReportService[] = ['stations', 'authorization', 'transactions', 'commands'];
const flushMs = 3000;

export interface ReportsParts {
  readonly gateway: GatewayId;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly stamp: Stamp;
  readonly ids: IdSource;
  readonly metrics: GatewayMetrics;
  readonly logger: Logger;
  readonly batchesInFlight: number;
  readonly commitPathAwayMs: number;
  /** Something could be stored again after nothing could. */
  readonly back: () => void;
}

/** All reports on their way to the services, and whether they arrive at all. */
export class Reports {
  readonly reporter: Reporter;
  readonly #batchers: Readonly<Record<ReportService, ReportBatcher>>;
  readonly #commitPath: CommitPath;
  readonly #probes: Probes;

  constructor(
    private readonly parts: ReportsParts,
    listener: DeliveryListener,
  ) {
    const { gateway, bus, clock, stamp, ids, metrics, logger } = parts;
    this.#commitPath = new CommitPath(clock, parts.commitPathAwayMs, {
      away: () => this.#away(),
      back: () => this.#back(),
    });
    const ask: Ask = (service, batch, timeoutMs) =>
      bus.request<ReceiptBatch>(bus.subjects.reports(service), batch, { timeoutMs });
    this.#probes = new Probes(gateway, ask, this.#commitPath, clock, ids, logger);
    const limits = {
      ...batchLimits,
      bytesMax: Math.min(batchLimits.bytesMax, Math.floor(bus.maxPayloadBytes / 2)),
      inFlightMax: parts.batchesInFlight,
    };
    const batcher = (service: ReportService) =>
      new ReportBatcher(service, gateway, ask, listener, this.#commitPath, clock, ids, metrics, logger, limits);
    this.#batchers = {
      stations: batcher('stations'),
      authorization: batcher('authorization'),
      transactions: batcher('transactions'),
      commands: batcher('commands'),
    };
    this.reporter = new Reporter(gateway, this.#batchers, clock, stamp, ids, (notice) => this.#tolerated(notice));
  }

  /** True while nothing can be stored: nobody is to be let in. */
  get away(): boolean {
    return this.#commitPath.away;
  }

  /** Reports that are neither answered nor given up. */
  get outstanding(): number {
    let outstanding = 0;
    for (const service of services) outstanding += this.#batchers[service].outstanding;
    return outstanding;
  }

  /** Ten times a second. */
  tick(nowMs: number): void {
    for (const service of services) this.#batchers[service].tick(nowMs);
    this.#commitPath.check(this.outstanding);
  }

  /** Once a second. */
  probe(): void {
    this.#probes.tick();
  }

  /** Waits for the last receipts, for three seconds at most. */
  async flushed(): Promise<void> {
    const until = this.parts.clock.monotonicMs() + flushMs;
    while (this.outstanding > 0 && this.parts.clock.monotonicMs() < until) {
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
  }

  close(): void {
    for (const service of services) this.#batchers[service].close();
  }

  /** Once and no more: a lost notice costs a count in a list for people. */
  #tolerated(notice: ToleratedNotice): void {
    const { bus, logger } = this.parts;
    try {
      bus.publish(bus.subjects.tolerated(), notice);
    } catch (error) {
      logger.debug({ err: error }, 'a notice of what was tolerated was not sent');
    }
  }

  #away(): void {
    const owing = services.filter((service) => this.#batchers[service].outstanding > 0);
    this.#probes.of(owing);
    this.parts.logger.error({ services: owing }, 'nothing can be stored: stations are hung up on and not let in');
  }

  #back(): void {
    this.parts.logger.info('something could be stored again: stations are let in, slowly at first');
    this.parts.back();
  }
}
