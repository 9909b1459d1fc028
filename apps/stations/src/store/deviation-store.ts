import { type Database, sql } from '@busbar/persistence';
import type { DeviationCount } from '../domain/reports/deviation-counts.js';

/** Adds counts of what was tolerated. Stations that do not exist are left out. */
export async function addDeviations(database: Database, counts: readonly DeviationCount[]): Promise<void> {
  const rows = [...counts].sort((left, right) => (keyOf(left) < keyOf(right) ? -1 : 1));
  await database.execute(sql`
    insert into stations.deviation as known (station_id, tenant_id, rule, count, first_at, last_at, example)
    select n.station_id, n.tenant_id, n.rule, n.count, n.first_at, n.last_at, n.example
    from unnest(
      ${rows.map((row) => row.station)}::text[], ${rows.map((row) => row.tenant)}::text[],
      ${rows.map((row) => row.rule)}::text[], ${rows.map((row) => row.count)}::bigint[],
      ${rows.map((row) => row.firstAt)}::timestamptz[], ${rows.map((row) => row.lastAt)}::timestamptz[],
      ${rows.map((row) => row.example)}::text[]
    ) with ordinality as n (station_id, tenant_id, rule, count, first_at, last_at, example, place)
    join stations.station s on s.id = n.station_id and s.tenant_id = n.tenant_id
    order by n.place
    on conflict (station_id, rule) do update set
      count = known.count + excluded.count, last_at = greatest(known.last_at, excluded.last_at),
      example = excluded.example`);
}

function keyOf(count: DeviationCount): string {
  return `${count.station}/${count.rule}`;
}
