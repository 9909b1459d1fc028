import { foldIdToken, type IdSource, storableText, type TenantId } from '@busbar/domain';
import {
  type Fact,
  type IdTokenSettings,
  type IdTokenView,
  idOfCursor,
  type Page,
  type PageRequest,
  ProblemError,
  pageLimitMax,
  pageOf,
} from '@busbar/events';
import { recordFacts } from '@busbar/outbox';
import { type Database, readAsTenant, sql, type Transaction } from '@busbar/persistence';
import { idTokenLengthMax, type Token } from '../domain/token.js';
import type { TokenFilter, TokenStore } from '../domain/token-store.js';
import { type TokenRow, tokenColumns, tokenOf, tokenTable, tokenView } from './token-rows.js';

/** Tokens in Postgres, read under the policy that shows the rows of one tenant only. */
export class PostgresTokenStore implements TokenStore {
  constructor(
    private readonly database: Database,
    private readonly ids: IdSource,
  ) {}

  async get(tenant: TenantId, idToken: string): Promise<IdTokenView> {
    const folded = keyOf(idToken);
    const [row] = await readAsTenant(this.database, 'authorization', tenant, (tx) =>
      tx.query<TokenRow>(sql`select ${tokenColumns} from ${tokenTable} t
        where t.tenant_id = ${tenant} and t.folded = ${folded}`),
    );
    if (!row) throw tokenUnknown();
    return tokenView(tokenOf(row));
  }

  async list(tenant: TenantId, request: PageRequest & TokenFilter): Promise<Page<IdTokenView>> {
    const { status } = request;
    const [group, q] = [request.group, request.q].map((text) => (text === undefined ? undefined : keyOf(text)));
    const limit = Math.min(request.limit, pageLimitMax);
    const after = idOfCursor(request.cursor);
    const rows = await readAsTenant(this.database, 'authorization', tenant, (tx) =>
      tx.query<TokenRow>(sql`
        select ${tokenColumns} from ${tokenTable} t where t.tenant_id = ${tenant}
          ${after === null ? sql.empty : sql`and t.id < ${after}`}
          ${status === undefined ? sql.empty : sql`and t.status = ${status}`}
          ${group === undefined ? sql.empty : sql`and t.group_folded = ${group}`}
          ${q === undefined ? sql.empty : sql`and t.folded >= ${q} and starts_with(t.folded, ${q})`}
        order by t.id desc limit ${limit + 1}`),
    );
    return pageOf(
      rows,
      limit,
      (row) => row.id,
      (row) => tokenView(tokenOf(row)),
    );
  }

  put(
    tenant: TenantId,
    idToken: string,
    settings: IdTokenSettings,
    now: Date,
  ): Promise<{ created: boolean; token: IdTokenView }> {
    const folded = foldIdToken(idToken);
    return this.database.transaction(async (tx) => {
      const values = columnsOf(settings);
      const [row] = await tx.query<TokenRow & { created: boolean }>(sql`
        insert into ${tokenTable} as t (
          id, tenant_id, folded, id_token, status, expires_at, group_token, group_folded, max_concurrent, stations,
          sites, note, created_at, updated_at)
        values (
          ${this.ids.next()}, ${tenant}, ${folded}, ${idToken}, ${values.status}, ${values.expiresAt},
          ${values.group}, ${values.groupFolded}, ${values.maxConcurrent}, ${values.stations}::text[],
          ${values.sites}::text[], ${values.note}, ${now}, ${now})
        on conflict (tenant_id, folded) do update set
          status = excluded.status, expires_at = excluded.expires_at, group_token = excluded.group_token,
          group_folded = excluded.group_folded, max_concurrent = excluded.max_concurrent,
          stations = excluded.stations, sites = excluded.sites, note = excluded.note, updated_at = excluded.updated_at
        returning ${tokenColumns}, (t.xmax = 0) as created`);
      if (!row) throw new Error('an upsert gave no row');
      // Nobody needs to be told any more that it is unknown.
      await tx.execute(sql`delete from ${sql.identifier('authorization.unknown_token')}
        where tenant_id = ${tenant} and folded = ${folded}`);
      const token = tokenOf(row);
      await this.#tell(tx, token, row.created ? 'created' : 'updated', now);
      return { created: row.created, token: tokenView(token) };
    });
  }

  patch(tenant: TenantId, idToken: string, changes: Partial<IdTokenSettings>, now: Date): Promise<IdTokenView> {
    const folded = keyOf(idToken);
    return this.database.transaction(async (tx) => {
      const [before] = await tx.query<TokenRow>(sql`
        select ${tokenColumns} from ${tokenTable} t
        where t.tenant_id = ${tenant} and t.folded = ${folded} for update`);
      if (!before) throw tokenUnknown();
      const values = columnsOf({ ...tokenView(tokenOf(before)), ...changes });
      const [row] = await tx.query<TokenRow>(sql`
        update ${tokenTable} t set
          status = ${values.status}, expires_at = ${values.expiresAt}, group_token = ${values.group},
          group_folded = ${values.groupFolded}, max_concurrent = ${values.maxConcurrent},
          stations = ${values.stations}::text[], sites = ${values.sites}::text[], note = ${values.note},
          updated_at = ${now}
        where t.id = ${before.id} returning ${tokenColumns}`);
      if (!row) throw tokenUnknown();
      const token = tokenOf(row);
      await this.#tell(tx, token, 'updated', now);
      return tokenView(token);
    });
  }

  async delete(tenant: TenantId, idToken: string, now: Date): Promise<void> {
    const folded = keyOf(idToken);
    await this.database.transaction(async (tx) => {
      const [row] = await tx.query<TokenRow>(sql`
        delete from ${tokenTable} t where t.tenant_id = ${tenant} and t.folded = ${folded}
        returning ${tokenColumns}`);
      if (!row) throw tokenUnknown();
      await this.#tell(tx, tokenOf(row), 'deleted', now);
    });
  }

  async #tell(tx: Transaction, token: Token, change: 'created' | 'updated' | 'deleted', now: Date): Promise<void> {
    const { idToken, status, expiresAt, group } = token;
    const fact: Fact = {
      id: this.ids.next(),
      type: 'token.changed',
      tenant: token.tenant,
      at: now.toISOString(),
      data: { idToken, change, status, expiresAt: expiresAt?.toISOString() ?? null, group },
    };
    await recordFacts(tx, 'authorization', [fact]);
  }
}

/** The form under which a text from outside is looked for; what can't be kept is also never found. */
function keyOf(text: string): string {
  return foldIdToken(storableText(text, idTokenLengthMax));
}

function columnsOf(settings: IdTokenSettings) {
  const group = settings.group === null ? null : settings.group.trim();
  return {
    status: settings.status,
    expiresAt: settings.expiresAt === null ? null : new Date(settings.expiresAt),
    group,
    groupFolded: group === null ? null : foldIdToken(group),
    maxConcurrent: settings.maxConcurrentTransactions,
    stations: settings.stations,
    sites: settings.sites,
    note: settings.note,
  };
}

function tokenUnknown(): ProblemError {
  return new ProblemError({ status: 404, code: 'id-token-unknown', detail: 'There is no such token.' });
}
