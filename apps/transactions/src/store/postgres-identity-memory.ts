import type { StationId, TenantId } from '@busbar/domain';
import { type Database, sql, writerRole } from '@busbar/persistence';
import type { IdentityMemory } from '../domain/identity-memory.js';
import { schema } from './postgres-reading-store.js';

const namedMax = 100;

/** The table `transactions.station_identity`. */
export class PostgresIdentityMemory implements IdentityMemory {
  constructor(private readonly database: Database) {}

  async known(tenant: TenantId, stations: readonly StationId[]): Promise<Map<StationId, string>> {
    const rows = await this.database.query<{ station_id: StationId; identity: string }>(sql`
      select station_id, identity from transactions.station_identity
       where tenant_id = ${tenant} and station_id = any(${[...stations]}::text[])`);
    return new Map(rows.map((row) => [row.station_id, row.identity]));
  }

  async named(tenant: TenantId, identity: string): Promise<StationId[]> {
    const rows = await this.database.query<{ station_id: StationId }>(sql`
      select station_id from transactions.station_identity
       where tenant_id = ${tenant} and identity = ${identity} order by learnt_at desc limit ${namedMax}`);
    return rows.map((row) => row.station_id);
  }

  async remember(tenant: TenantId, identities: ReadonlyMap<StationId, string>): Promise<void> {
    await this.database.transaction(
      (tx) =>
        tx.execute(sql`
          insert into transactions.station_identity (station_id, tenant_id, identity, learnt_at)
          select station_id, ${tenant}, identity, now()
            from unnest(${[...identities.keys()]}::text[], ${[...identities.values()]}::text[]) as n (station_id, identity)
           order by station_id
          on conflict (station_id) do update set identity = excluded.identity, learnt_at = excluded.learnt_at
           where station_identity.identity <> excluded.identity`),
      { role: writerRole(schema) },
    );
  }
}
