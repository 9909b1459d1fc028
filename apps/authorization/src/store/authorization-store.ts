import type { IdSource, TenantId } from '@busbar/domain';
import type { Fact } from '@busbar/events';
import { recordFacts } from '@busbar/outbox';
import { type Database, type Sql, sql, type Transaction } from '@busbar/persistence';
import type { AuthorizationStore, DecisionRow } from '../domain/authorizer.js';
import type { Found } from '../domain/judge.js';
import { type TokenRow, tokenColumns, tokenOf, tokenTable } from './token-rows.js';

const decisionTable = sql.identifier('authorization.decision');
const unknownTable = sql.identifier('authorization.unknown_token');

/** Tokens looked up and decisions kept, in Postgres. */
export class PostgresAuthorizationStore implements AuthorizationStore {
  constructor(
    private readonly database: Database,
    private readonly ids: IdSource,
  ) {}

  async find(asked: readonly { tenant: TenantId; candidates: readonly string[] }[]): Promise<(Found | undefined)[]> {
    if (asked.length === 0) return [];
    const each = asked.flatMap(({ tenant, candidates }, place) =>
      candidates.map((folded, rank) => ({ tenant, folded, place, rank })),
    );
    const rows = await this.database.query<TokenRow & { place: number; rank: number; group_row: TokenRow | null }>(
      sql.named('authorization_find')`
        select ${tokenColumns}, asked.place, asked.rank, to_json(g.*) as group_row
        from unnest(
          ${each.map((one) => one.tenant)}::text[], ${each.map((one) => one.folded)}::text[],
          ${each.map((one) => one.place)}::integer[], ${each.map((one) => one.rank)}::integer[]
        ) as asked (tenant, folded, place, rank)
        join ${tokenTable} t on t.tenant_id = asked.tenant and t.folded = asked.folded
        left join ${tokenTable} g on g.tenant_id = t.tenant_id and g.folded = t.group_folded
        order by asked.place, asked.rank desc`,
    );
    const found: (Found | undefined)[] = asked.map(() => undefined);
    // The best candidate comes last, so that it stands in the end.
    for (const row of rows) {
      const groupToken = row.group_row === null ? null : tokenOf(revived(row.group_row));
      found[row.place] = { token: tokenOf(row), groupToken, byCutValue: row.rank > 0 };
    }
    return found;
  }

  async record(decisions: readonly DecisionRow[], facts: readonly Fact[]): Promise<void> {
    await this.database.transaction(async (tx) => {
      if (decisions.length === 0) {
        // A probe asks whether the commit path works, so it must not stop at the pool.
        await tx.query(sql.named('authorization_probe')`select 1`);
        return;
      }
      await tx.execute(insertDecisions(decisions));
      await this.#noteUnknown(tx, decisions);
      await recordFacts(tx, 'authorization', facts);
    });
  }

  async #noteUnknown(tx: Transaction, decisions: readonly DecisionRow[]): Promise<void> {
    const sightings = new Map<string, { first: DecisionRow; last: DecisionRow; count: number }>();
    for (const row of decisions) {
      // An empty text is what a button start sends: nobody could make a token of it.
      if (row.verdict.reason !== 'unknown' || row.folded === '') continue;
      const key = `${row.presented.tenant} ${row.folded}`;
      const known = sightings.get(key);
      sightings.set(key, { first: known?.first ?? row, last: row, count: (known?.count ?? 0) + 1 });
    }
    if (sightings.size === 0) return;
    // In the order of the keys, so that two batches never wait for each other.
    const each = [...sightings].sort(([left], [right]) => (left < right ? -1 : 1)).map(([, sighting]) => sighting);
    await tx.execute(sql`
      insert into ${unknownTable} as known
        (tenant_id, folded, id, id_token, first_at, last_at, count, last_station_id)
      select n.tenant, n.folded, n.id, n.id_token, n.first_at, n.last_at, n.count, n.station
      from unnest(
        ${each.map(({ first }) => first.presented.tenant)}::text[], ${each.map(({ first }) => first.folded)}::text[],
        ${each.map(() => this.ids.next())}::text[], ${each.map(({ first }) => first.idToken)}::text[],
        ${each.map(({ first }) => first.presented.at)}::timestamptz[],
        ${each.map(({ last }) => last.presented.at)}::timestamptz[],
        ${each.map(({ count }) => count)}::bigint[], ${each.map(({ last }) => last.presented.station)}::text[]
      ) with ordinality as n (tenant, folded, id, id_token, first_at, last_at, count, station, place)
      order by n.place
      on conflict (tenant_id, folded) do update set
        id = greatest(known.id, excluded.id), last_at = greatest(known.last_at, excluded.last_at),
        count = known.count + excluded.count, last_station_id = excluded.last_station_id`);
  }
}

function insertDecisions(rows: readonly DecisionRow[]): Sql {
  return sql.named('authorization_decisions')`
    insert into ${decisionTable} (
      id, tenant_id, at, id_token, folded, station_id, purpose, status, reason, group_token, expires_at, occurred_at)
    select * from unnest(
      ${rows.map((row) => row.presented.id)}::text[], ${rows.map((row) => row.presented.tenant)}::text[],
      ${rows.map((row) => row.presented.at)}::timestamptz[], ${rows.map((row) => row.idToken)}::text[],
      ${rows.map((row) => row.folded)}::text[], ${rows.map((row) => row.presented.station)}::text[],
      ${rows.map((row) => row.presented.purpose)}::text[], ${rows.map((row) => row.verdict.status)}::text[],
      ${rows.map((row) => row.verdict.reason)}::text[], ${rows.map((row) => row.verdict.group)}::text[],
      ${rows.map((row) => row.verdict.expiresAt)}::timestamptz[],
      ${rows.map((row) => row.presented.occurredAt)}::timestamptz[])
    on conflict do nothing`;
}

/** A row that came as JSON has texts where it would have had times. */
function revived(row: TokenRow): TokenRow {
  const time = (value: Date | string) => new Date(value);
  const expires_at = row.expires_at === null ? null : time(row.expires_at);
  return { ...row, expires_at, created_at: time(row.created_at), updated_at: time(row.updated_at) };
}
