import type { Receipt, ReportBatch } from '@busbar/events';
import { AnswersReports } from '@busbar/messaging/nest';
import { Controller, Inject } from '@nestjs/common';
import { ReportIntake } from '../dispatch/report-intake.js';

@Controller()
export class TakeReportsHandler {
  constructor(@Inject(ReportIntake) private readonly intake: ReportIntake) {}

  @AnswersReports('commands')
  async take(batch: ReportBatch): Promise<Receipt[]> {
    return this.intake.take(batch);
  }
}
