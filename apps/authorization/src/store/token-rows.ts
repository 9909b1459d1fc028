import type { AuthorizationStatus, TenantId } from '@busbar/domain';
import type { IdTokenView } from '@busbar/events';
import { type Sql, sql } from '@busbar/persistence';
import type { Token } from '../domain/token.js';

/** The schema's name is a word of SQL, so it is always quoted. */
export const tokenTable: Sql = sql.identifier('authorization.id_token');

/** The columns of a token, for a table called `t`. */
export const tokenColumns: Sql = sql`
  t.id, t.tenant_id, t.folded, t.id_token, t.status, t.expires_at, t.group_token, t.group_folded, t.max_concurrent,
  t.stations, t.sites, t.note, t.created_at, t.updated_at`;

export interface TokenRow {
  id: string;
  tenant_id: string;
  folded: string;
  id_token: string;
  status: string;
  expires_at: Date | null;
  group_token: string | null;
  group_folded: string | null;
  max_concurrent: number | null;
  stations: string[] | null;
  sites: string[] | null;
  note: string | null;
  created_at: Date;
  updated_at: Date;
}

export function tokenOf(row: TokenRow): Token {
  return {
    id: row.id,
    tenant: row.tenant_id as TenantId,
    idToken: row.id_token,
    folded: row.folded,
    status: row.status as AuthorizationStatus,
    expiresAt: row.expires_at,
    group: row.group_token,
    groupFolded: row.group_folded,
    maxConcurrentTransactions: row.max_concurrent,
    stations: row.stations,
    sites: row.sites,
    note: row.note,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}

export function tokenView(token: Token): IdTokenView {
  return {
    idToken: token.idToken,
    status: token.status,
    expiresAt: token.expiresAt?.toISOString() ?? null,
    group: token.group,
    maxConcurrentTransactions: token.maxConcurrentTransactions,
    stations: token.stations,
    sites: token.sites,
    note: token.note,
    createdAt: token.createdAt.toISOString(),
    updatedAt: token.updatedAt.toISOString(),
  };
}
