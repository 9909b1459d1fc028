import type { Clock, IdSource } from '@busbar/domain';
import { type AskContext, ProblemError, stationOperations } from '@busbar/events';
import type { Bus } from '@busbar/messaging';
import type { Logger } from '@busbar/observability';
import type { PendingReport, VariableReportStore } from '../domain/variable-report-store.js';

const batchMax = 20;
const againAfterMs = 2_000;
/** Less than that, so that no report is told twice at once. */
const askTimeoutMs = 1_500;
/** What could not be delivered for a day is dropped: the station's next answer tells it anew. */
const keptMs = 24 * 3_600_000;

/**
 * Tells the stations service what stations said of their variables, at least once: a report is deleted only after
 * its answer. Only a refusal (the station was deleted) and a day of failing give one up, with a line in the log.
 */
export class VariableReporter {
  constructor(
    private readonly store: VariableReportStore,
    private readonly bus: Bus,
    private readonly clock: Clock,
    private readonly ids: IdSource,
    private readonly logger: Logger,
  ) {}

  async run(): Promise<void> {
    const now = this.clock.now();
    const pending = await this.store.take(now, new Date(now.getTime() + againAfterMs), batchMax);
    await Promise.all(pending.map((report) => this.#deliver(report, now)));
  }

  async #deliver({ id, report, attempts }: PendingReport, now: Date): Promise<void> {
    const { tenant, station, at, variables, unknownKeys } = report;
    const context: AskContext = { tenant, caller: 'commands', requestId: this.ids.next<'request'>() };
    try {
      const request = { station, at: at.toISOString(), variables, unknownKeys };
      await this.bus.ask(stationOperations.variablesReported, request, context, { timeoutMs: askTimeoutMs });
    } catch (error) {
      const refused = error instanceof ProblemError && error.problem.status < 500 && error.problem.status !== 429;
      const old = now.getTime() - at.getTime() > keptMs;
      this.logger.warn({ err: error, station, attempts, dropped: refused || old }, 'variables were not reported');
      if (!refused && !old) return;
    }
    await this.store.delete(id);
  }
}
