import type { Clock, IdSource, TenantId } from '@busbar/domain';
import { type AskContext, type Page, type PageRequest, ProblemError, type Scope } from '@busbar/events';
import { type Database, once, sql } from '@busbar/persistence';
import type { ApiCaller } from './api-caller.js';
import { hashApiKey, newApiKey, scopes } from './api-key.js';

export interface ApiKeyView {
  id: string;
  name: string;
  scopes: Scope[];
  createdAt: string;
  createdBy: string;
  revokedAt: string | null;
}

interface ApiKeyRow {
  id: string;
  tenant_id: TenantId;
  name: string;
  scopes: Scope[];
  created_at: Date;
  created_by: string;
  revoked_at: Date | null;
}

const columns = sql`id, tenant_id, name, scopes, created_at, created_by, revoked_at`;

/** How long a look-up is believed: a revoked key stops working this soon on every replica. */
const cachedMs = 2_000;
const cachedKeysMax = 10_000;

/** API keys in Postgres, with a short cache so that each request does not cost a query. */
export class KeyStore {
  readonly #cache = new Map<string, { caller: ApiCaller | null; until: number }>();

  constructor(
    private readonly database: Database,
    private readonly ids: IdSource,
    private readonly clock: Clock,
  ) {}

  /** Who holds this key; null when nobody does. */
  async callerOf(key: string): Promise<ApiCaller | null> {
    const hash = hashApiKey(key);
    const name = hash.toString('base64');
    const now = this.clock.monotonicMs();
    const cached = this.#cache.get(name);
    if (cached !== undefined && cached.until > now) {
      return cached.caller;
    }
    const rows = await this.database.query<ApiKeyRow>(
      sql`select ${columns} from api.api_key where key_hash = ${hash} and revoked_at is null`,
    );
    const row = rows[0];
    const caller = row === undefined ? null : { keyId: row.id, tenant: row.tenant_id, scopes: new Set(row.scopes) };
    if (this.#cache.size >= cachedKeysMax) {
      this.#cache.clear();
    }
    this.#cache.set(name, { caller, until: now + cachedMs });
    return caller;
  }

  /** Makes a key; the answer is the only place where it is ever shown. */
  async create(name: string, wanted: Scope[], context: AskContext): Promise<ApiKeyView & { key: string }> {
    const key = newApiKey();
    return this.database.transaction((tx) =>
      once(tx, { schema: 'api', context, operation: 'api-keys.create' }, async () => {
        const rows = await tx.query<ApiKeyRow>(
          sql`insert into api.api_key (id, tenant_id, name, scopes, key_hash, created_by)
              values (${this.ids.next()}, ${context.tenant}, ${name}, ${wanted}, ${hashApiKey(key)}, ${context.caller})
              returning ${columns}`,
        );
        return { ...view(rows), key };
      }),
    );
  }

  /** Makes sure that the development key exists, with every scope. */
  async ensure(key: string, tenant: TenantId): Promise<void> {
    await this.database.query(
      sql`insert into api.api_key (id, tenant_id, name, scopes, key_hash, created_by)
          values (${this.ids.next()}, ${tenant}, 'development', ${[...scopes]}, ${hashApiKey(key)}, 'start')
          on conflict (key_hash) do nothing`,
    );
  }

  async list(tenant: TenantId, page: PageRequest): Promise<Page<ApiKeyView>> {
    const rows = await this.database.query<ApiKeyRow>(
      sql`select ${columns} from api.api_key
          where tenant_id = ${tenant} ${page.cursor === undefined ? sql.empty : sql`and id < ${page.cursor}`}
          order by id desc limit ${page.limit + 1}`,
    );
    const items = rows.slice(0, page.limit).map((row) => view([row]));
    return { items, nextCursor: rows.length > page.limit ? (items.at(-1)?.id ?? null) : null };
  }

  async revoke(id: string, tenant: TenantId): Promise<void> {
    const rows = await this.database.query<{ id: string }>(
      sql`update api.api_key set revoked_at = coalesce(revoked_at, now())
          where id = ${id} and tenant_id = ${tenant} returning id`,
    );
    if (rows.length === 0) {
      throw new ProblemError({ status: 404, code: 'api-key-unknown', detail: 'There is no such API key.' });
    }
    this.#cache.clear();
  }
}

function view(rows: readonly ApiKeyRow[]): ApiKeyView {
  const row = rows[0];
  if (row === undefined) {
    throw new Error('an insert gave no row back');
  }
  return {
    id: row.id,
    name: row.name,
    scopes: row.scopes,
    createdAt: row.created_at.toISOString(),
    createdBy: row.created_by,
    revokedAt: row.revoked_at?.toISOString() ?? null,
  };
}
