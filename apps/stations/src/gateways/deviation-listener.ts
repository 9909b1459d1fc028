import type { ReportBatch, ReportService } from '@busbar/events';
import type { Bus } from '@busbar/messaging';
import type { Logger } from '@busbar/observability';
import type { Background } from '@busbar/service-host';
import type { DeviationCounts } from '../domain/reports/deviation-counts.js';

/** Reports that other services answer; what was tolerated in them belongs to the station all the same. */
const services: readonly ReportService[] = ['transactions', 'authorization'];
const mark = Buffer.from('"deviations":');

/**
 * Listens in on the batches that other services answer, one replica for each batch, and counts what was tolerated
 * in them. A batch without deviations, which is nearly every one, is not even parsed. At most once: a count that is
 * missed is no loss.
 */
export class DeviationListener implements Background {
  readonly name = 'deviation listener';
  #subscriptions: { unsubscribe(): void }[] = [];

  constructor(
    private readonly bus: Bus,
    private readonly counts: DeviationCounts,
    private readonly logger: Logger,
  ) {}

  start(): void {
    this.#subscriptions = services.map((service) =>
      this.bus.connection.subscribe(this.bus.subjects.reports(service), {
        queue: 'stations',
        callback: (error, message) => {
          if (error) this.logger.warn({ err: error, service }, 'listening to reports failed');
          else this.#take(Buffer.from(message.data.buffer, message.data.byteOffset, message.data.byteLength));
        },
      }),
    );
  }

  stop(): void {
    for (const subscription of this.#subscriptions) subscription.unsubscribe();
  }

  #take(bytes: Buffer): void {
    if (!bytes.includes(mark)) return;
    for (const report of batchOf(bytes)?.reports ?? []) {
      for (const { rule, detail } of report.deviations ?? []) {
        const { tenant, station } = report;
        const example = `${report.source.action}: ${detail}`;
        this.counts.add({ tenant, station, rule, example, at: new Date(report.receivedAt) });
      }
    }
  }
}

function batchOf(bytes: Buffer): ReportBatch | null {
  try {
    return JSON.parse(bytes.toString('utf8')) as ReportBatch;
  } catch {
    // Whoever answers this subject logs it; here it is only not counted.
    return null;
  }
}
