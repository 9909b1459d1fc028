import type { Report } from '@busbar/events';
import { type Database, sql } from '@busbar/persistence';

/** Keeps a report that the database refuses for what it holds, byte for byte. */
export async function quarantine(database: Database, report: Report, sqlState: string | undefined): Promise<void> {
  const bytes = Buffer.from(JSON.stringify(report), 'utf8');
  await database.transaction(async (tx) => {
    await tx.execute(sql`
      insert into stations.quarantine (id, tenant_id, station_id, report, sql_state, received_at)
      values (${report.id}, ${report.tenant}, ${report.station}, ${bytes}, ${sqlState ?? null}, now())
      on conflict (id) do nothing`);
  });
}
