import type { StationId, TenantId } from '@busbar/domain';
import { type Database, sql } from '@busbar/persistence';
import type { VariableReport } from '../domain/variable-report.js';
import type { PendingReport, VariableReportStore } from '../domain/variable-report-store.js';

interface Row {
  id: string;
  tenant_id: TenantId;
  station: StationId;
  report: Pick<VariableReport, 'variables' | 'unknownKeys'>;
  created_at: Date;
  attempts: number;
}

export class PostgresVariableReportStore implements VariableReportStore {
  constructor(private readonly database: Database) {}

  async take(now: Date, until: Date, max: number): Promise<PendingReport[]> {
    const rows = await this.database.query<Row>(sql.named('variable_report_take')`
      update commands.variable_report set not_before = ${until}, attempts = least(attempts + 1, 1000)
       where id = any(array(
         select id from commands.variable_report where not_before <= ${now}
          order by not_before, id limit ${max} for update skip locked))
      returning id, tenant_id, station, report, created_at, attempts`);
    return rows.map(({ id, tenant_id, station, report, created_at, attempts }) => ({
      id,
      report: { tenant: tenant_id, station, at: created_at, ...report },
      attempts,
    }));
  }

  async delete(id: string): Promise<void> {
    await this.database.execute(sql.named('variable_report_delete')`
      delete from commands.variable_report where id = ${id}`);
  }
}
