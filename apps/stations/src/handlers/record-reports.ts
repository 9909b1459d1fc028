import type { Receipt, ReportBatch } from '@busbar/events';
import { AnswersReports } from '@busbar/messaging/nest';
import { Controller, Inject } from '@nestjs/common';
import { DeviationCounts } from '../domain/reports/deviation-counts.js';
import { ReportRecorder } from '../domain/station-store.js';
import { SessionPush } from '../gateways/session-push.js';

@Controller()
export class RecordReportsHandler {
  constructor(
    @Inject(ReportRecorder) private readonly recorder: ReportRecorder,
    @Inject(DeviationCounts) private readonly deviations: DeviationCounts,
    @Inject(SessionPush) private readonly sessions: SessionPush,
  ) {}

  @AnswersReports('stations')
  async record(batch: ReportBatch): Promise<Receipt[]> {
    const { receipts, changes } = await this.recorder.record(batch.reports);
    for (const committed of changes) {
      for (const seen of committed.deviations) this.deviations.add(seen);
      // Not waited for: the gateway asks for its receipts, and closing goes through that same gateway.
      if (committed.strays.size > 0) this.sessions.closeStraysLater(batch.gateway, [...committed.strays.keys()]);
    }
    return receipts;
  }
}
