import type { Bus } from '@busbar/messaging';
import type { Counter, Metrics } from '@busbar/observability';
import type { ReadingFeed, ReadingReport } from '../domain/reading-lane.js';

/**
 * Publishes committed readings to their stream, one message per tenant and commit, without waiting for the stream:
 * whoever needs every one of them reads Postgres. What the connection does not take at once is counted and left out.
 */
export class BusReadingFeed implements ReadingFeed {
  readonly #left: Counter;

  constructor(
    private readonly bus: Bus,
    metrics: Metrics,
  ) {
    this.#left = metrics.counter({
      name: 'busbar_readings_unpublished_total',
      help: 'Reports of readings that were committed and not published to their stream.',
    });
  }

  committed(reports: readonly ReadingReport[]): void {
    for (const [tenant, own] of Map.groupBy(reports, (report) => report.tenant)) {
      try {
        this.bus.publish(this.bus.subjects.readings(tenant), { tenant, reports: own.map(contentOf) });
      } catch {
        // Full or away: the stream is a convenience, and Postgres has the readings.
        this.#left.inc(own.length);
      }
    }
  }
}

function contentOf({ id, station, evseId, connectorId, receivedAt, data }: ReadingReport): object {
  return { id, station, evseId, connectorId, receivedAt, ...data };
}
