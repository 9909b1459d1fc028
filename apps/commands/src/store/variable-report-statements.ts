import type { Id } from '@busbar/domain';
import { type Sql, sql } from '@busbar/persistence';
import type { VariableReport } from '../domain/variable-report.js';

/** Written with the change of the command that learned it. */
export function insertReport(id: Id<'report'>, report: VariableReport): Sql {
  const { tenant, station, at, variables, unknownKeys } = report;
  return sql.named('variable_report_insert')`
    insert into commands.variable_report (id, tenant_id, station, report, created_at, not_before)
    values (${id}, ${tenant}, ${station}, ${JSON.stringify({ variables, unknownKeys })}::jsonb, ${at}, ${at})`;
}
