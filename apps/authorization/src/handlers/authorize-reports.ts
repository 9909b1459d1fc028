import type { Receipt, Report, ReportBatch } from '@busbar/events';
import { AnswersReports } from '@busbar/messaging/nest';
import { DatabaseError } from '@busbar/persistence';
import { Controller, Inject } from '@nestjs/common';
import { Authorizer, type Presented } from '../domain/authorizer.js';
import { idTokenInfoOf } from '../domain/judge.js';

@Controller()
export class AuthorizeReportsHandler {
  constructor(@Inject(Authorizer) private readonly authorizer: Authorizer) {}

  @AnswersReports('authorization')
  async answer(batch: ReportBatch): Promise<Receipt[]> {
    return this.#answer(batch.reports);
  }

  /** A report that the database refuses for what it holds must not cost the others their answer. */
  async #answer(reports: readonly Report[]): Promise<Receipt[]> {
    try {
      const verdicts = await this.authorizer.decide(reports.map(presentedBy));
      return verdicts.map((verdict) =>
        verdict ? { answer: { idTokenInfo: idTokenInfoOf(verdict) } } : { again: 'the place is not known yet' },
      );
    } catch (error) {
      if (!(error instanceof DatabaseError) || error.code !== 'poison') throw error;
      if (reports.length <= 1) return [{ refused: 'InternalError' }];
      const middle = reports.length >> 1;
      return [...(await this.#answer(reports.slice(0, middle))), ...(await this.#answer(reports.slice(middle)))];
    }
  }
}

function presentedBy(report: Report): Presented {
  const { id, tenant, station } = report;
  const idToken = isAuthorize(report) ? report.data.idToken : '';
  // The gateway's time, so that the same report is kept under the same key however often it comes.
  const at = new Date(report.receivedAt);
  return { id, tenant, station, idToken, purpose: 'authorize', at, occurredAt: null };
}

function isAuthorize(report: Report): report is Report<'authorization.requested'> {
  return report.type === 'authorization.requested';
}
