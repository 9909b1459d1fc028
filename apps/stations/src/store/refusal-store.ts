import { defaultTenant, type IdSource } from '@busbar/domain';
import type { Fact } from '@busbar/events';
import { recordFacts } from '@busbar/outbox';
import { type Database, sql } from '@busbar/persistence';
import type { Refusal } from '../domain/authentication/refusals.js';

const rowsMax = 10_000;

/** Writes refused attempts: a row per identity, and the facts of those that others are told of. */
export class RefusalStore {
  constructor(
    private readonly database: Database,
    private readonly ids: IdSource,
  ) {}

  async write(refusals: readonly Refusal[]): Promise<void> {
    const rows = [...refusals].sort((left, right) => (left.identityHash < right.identityHash ? -1 : 1));
    await this.database.transaction(async (tx) => {
      await tx.execute(sql`
        insert into stations.refusal as known (identity_hash, tenant_id, station_id, identity_shown, reason, listener,
          remote_address, count, first_at, last_at)
        select decode(hash, 'hex'), tenant, station, shown, reason, listener, address, times, first_at, last_at
        from unnest(
          ${rows.map((row) => row.identityHash)}::text[],
          ${rows.map((row) => row.station?.tenant ?? defaultTenant)}::text[],
          ${rows.map((row) => row.station?.id ?? null)}::text[], ${rows.map((row) => row.identityShown)}::text[],
          ${rows.map((row) => row.reason)}::text[], ${rows.map((row) => row.listener)}::text[],
          ${rows.map((row) => row.remoteAddress)}::text[], ${rows.map((row) => row.count)}::bigint[],
          ${rows.map((row) => row.firstAt)}::timestamptz[], ${rows.map((row) => row.lastAt)}::timestamptz[]
        ) as n (hash, tenant, station, shown, reason, listener, address, times, first_at, last_at)
        on conflict (identity_hash) do update set
          tenant_id = excluded.tenant_id, station_id = excluded.station_id, reason = excluded.reason,
          listener = excluded.listener, remote_address = excluded.remote_address,
          count = known.count + excluded.count, last_at = greatest(known.last_at, excluded.last_at)`);
      const facts = rows.filter((row) => row.tell).map((row) => this.#fact(row));
      if (facts.length > 0) await recordFacts(tx, 'stations', facts);
    });
  }

  /** Keeps the latest rows; returns how many went. */
  async trim(): Promise<number> {
    return this.database.execute(sql`
      delete from stations.refusal where identity_hash in (
        select identity_hash from stations.refusal order by last_at desc offset ${rowsMax})`);
  }

  #fact(refusal: Refusal): Fact {
    const { station, reason, listener, remoteAddress, count } = refusal;
    return {
      id: this.ids.next(),
      type: 'station.refused',
      tenant: station?.tenant ?? defaultTenant,
      ...(station ? { station: station.id, stationIdentity: station.identity } : {}),
      at: refusal.lastAt.toISOString(),
      data: { identity: refusal.identityShown, reason, listener, remoteAddress, count },
    };
  }
}
