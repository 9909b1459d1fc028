import { type AuthorizationStatus, foldIdToken, type StationId, storableText, type TenantId } from '@busbar/domain';
import {
  type AuthorizationView,
  idOfCursor,
  type Page,
  type PageRequest,
  pageLimitMax,
  pageOf,
  type UnknownTokenView,
} from '@busbar/events';
import { type Database, readAsTenant, sql } from '@busbar/persistence';
import type { Purpose } from '../domain/judge.js';
import { idTokenLengthMax } from '../domain/token.js';
import type { DecisionReads, WithStationId } from '../domain/token-store.js';

const decisionTable = sql.identifier('authorization.decision');
const unknownTable = sql.identifier('authorization.unknown_token');

interface DecisionRow {
  id: string;
  at: Date;
  id_token: string;
  station_id: string;
  purpose: string;
  status: string;
  reason: string;
  group_token: string | null;
}

interface UnknownRow {
  id: string;
  id_token: string;
  first_at: Date;
  last_at: Date;
  count: number;
  last_station_id: string;
}

/** Decisions and unknown tokens in Postgres, read under the policy that shows the rows of one tenant only. */
export class PostgresDecisionReads implements DecisionReads {
  constructor(private readonly database: Database) {}

  async decisions(
    tenant: TenantId,
    request: PageRequest & { idToken?: string; station?: StationId },
  ): Promise<Page<WithStationId<AuthorizationView>>> {
    const { idToken, station } = request;
    const limit = Math.min(request.limit, pageLimitMax);
    const after = idOfCursor(request.cursor);
    const folded = idToken === undefined ? undefined : foldIdToken(storableText(idToken, idTokenLengthMax));
    const rows = await readAsTenant(this.database, 'authorization', tenant, (tx) =>
      tx.query<DecisionRow>(sql`
        select id, at, id_token, station_id, purpose, status, reason, group_token from ${decisionTable}
        where tenant_id = ${tenant}
          ${after === null ? sql.empty : sql`and id < ${after}`}
          ${folded === undefined ? sql.empty : sql`and folded = ${folded}`}
          ${station === undefined ? sql.empty : sql`and station_id = ${station}`}
        order by id desc limit ${limit + 1}`),
    );
    return pageOf(
      rows,
      limit,
      (row) => row.id,
      (row) => ({
        id: row.id,
        at: row.at.toISOString(),
        idToken: row.id_token,
        station: null,
        stationId: row.station_id as StationId,
        purpose: row.purpose as Purpose,
        status: row.status as AuthorizationStatus,
        reason: row.reason,
        group: row.group_token,
      }),
    );
  }

  async unknown(tenant: TenantId, request: PageRequest): Promise<Page<WithStationId<UnknownTokenView>>> {
    const limit = Math.min(request.limit, pageLimitMax);
    const after = idOfCursor(request.cursor);
    const rows = await readAsTenant(this.database, 'authorization', tenant, (tx) =>
      tx.query<UnknownRow>(sql`
        select id, id_token, first_at, last_at, count, last_station_id from ${unknownTable}
        where tenant_id = ${tenant} ${after === null ? sql.empty : sql`and id < ${after}`}
        order by id desc limit ${limit + 1}`),
    );
    return pageOf(
      rows,
      limit,
      (row) => row.id,
      (row) => ({
        idToken: row.id_token,
        firstAt: row.first_at.toISOString(),
        lastAt: row.last_at.toISOString(),
        count: row.count,
        lastStation: null,
        stationId: row.last_station_id as StationId,
      }),
    );
  }
}
