import type { Receipt, ReportBatch } from '@busbar/events';
import { AnswersReports } from '@busbar/messaging/nest';
import { Controller, Inject } from '@nestjs/common';
import { Intake } from '../domain/intake.js';

/** What stations say about transactions, in batches, each answered after its commit. */
@Controller()
export class ReportsHandler {
  constructor(@Inject(Intake) private readonly intake: Intake) {}

  @AnswersReports('transactions')
  async answer(batch: ReportBatch): Promise<Receipt[]> {
    return this.intake.answer(batch);
  }
}
