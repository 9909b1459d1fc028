import { type Clock, defaultTenant, type GatewayId, type IdSource, type StationId } from '@busbar/domain';
import { stationOperations } from '@busbar/events';
import type { Bus } from '@busbar/messaging';
import type { Logger } from '@busbar/observability';
import type { Connections } from '../connection/connections.js';
import type { GatewayMetrics } from '../metrics.js';
import type { GatewaySettings } from '../settings.js';
import { AcceptLine } from './accept-line.js';
import { Authenticator } from './authenticator.js';
import { FailedAttempts } from './failed-attempts.js';
import { Flapping } from './flapping.js';
import type { RefusalReason } from './refusals.js';
import type { UpgradeParts } from './upgrades.js';

const burstMs = 100;

export interface EntranceParts {
  readonly gateway: GatewayId;
  readonly settings: GatewaySettings;
  readonly bus: Bus;
  readonly connections: Connections;
  readonly clock: Clock;
  readonly ids: IdSource;
  readonly metrics: GatewayMetrics;
  readonly logger: Logger;
  readonly flappingHoldMs: number;
  readonly closedFor: () => RefusalReason | null;
}

/** Who is let in, how fast, and how often. */
export class Entrance {
  readonly upgrades: UpgradeParts;
  readonly #acceptLine: AcceptLine;
  readonly #flapping: Flapping;

  constructor(private readonly parts: EntranceParts) {
    const { settings, clock, metrics, logger, closedFor } = parts;
    this.#acceptLine = new AcceptLine(clock, {
      perSecond: settings.acceptPerSecond,
      burstMs,
      waitMsMax: settings.acceptWaitMs,
    });
    this.#flapping = new Flapping(clock, {
      connectsMax: settings.connectsPerMinute,
      takeoversMax: settings.takeoversPerMinute,
      holdMs: parts.flappingHoldMs,
    });
    this.upgrades = {
      clock,
      metrics,
      logger,
      closedFor,
      acceptLine: this.#acceptLine,
      flapping: this.#flapping,
      failedAttempts: new FailedAttempts(clock, settings.failuresPerMinute),
      authenticator: this.#authenticator(),
    };
  }

  /** Upgrades that wait for their turn. */
  get waiting(): number {
    return this.#acceptLine.waiting;
  }

  /** Twice a second, with the event loop's longest delay since the last time. */
  adapt(lagMs: number): void {
    this.#acceptLine.adapt(lagMs);
  }

  /** After an outage. */
  slowDown(): void {
    this.#acceptLine.slowDown();
  }

  /** A living connection was displaced: more than a few a minute are an alarm. */
  takenOver(station: StationId): void {
    if (!this.#flapping.takenOver(station)) return;
    this.parts.metrics.flapping('takeovers');
    const remoteAddress = this.parts.connections.holder(station)?.remoteAddress;
    this.parts.logger.error({ station, remoteAddress }, 'connections of one station displace one another');
  }

  close(): void {
    this.#acceptLine.close();
  }

  #authenticator(): Authenticator {
    const { gateway, bus, ids, clock, logger } = this.parts;
    return new Authenticator(
      async (attempts, timeoutMs) => {
        const context = { tenant: defaultTenant, caller: 'gateway', requestId: ids.next<'request'>() };
        const reply = await bus.ask(stationOperations.authenticate, { gateway, attempts }, context, { timeoutMs });
        return reply.results;
      },
      clock,
      logger,
    );
  }
}
