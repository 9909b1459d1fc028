import { type StationId, storableText, type TenantId } from '@busbar/domain';
import {
  idOfCursor,
  type Page,
  type PageRequest,
  ProblemError,
  pageLimitMax,
  pageOf,
  type StationReference,
  type StationView,
} from '@busbar/events';
import { type Database, readAsTenant, sql, type Transaction } from '@busbar/persistence';
import { identityProblem } from '../domain/settings/identity.js';
import { registrationInForce, type Station } from '../domain/station.js';
import type { StationFilter, StationReads } from '../domain/station-store.js';
import { type StationRow, stationColumns, stationOf } from './station-rows.js';
import { selectViews, type ViewRow, viewsOf } from './station-view.js';

const referencesMax = 1_000;

/** Stations read in Postgres, under the policy that shows the rows of one tenant only. */
export class PostgresStationReads implements StationReads {
  constructor(private readonly database: Database) {}

  async get(tenant: TenantId, identity: string): Promise<StationView> {
    if (identityProblem(identity) !== null) throw stationUnknown();
    return this.#asTenant(tenant, async (tx) => {
      const rows = await tx.query<ViewRow>(sql`${selectViews}
        where s.tenant_id = ${tenant} and s.identity = ${identity} and s.deleted_at is null`);
      const [view] = (await viewsOf(tx, rows)).values();
      if (!view) throw stationUnknown();
      return view;
    });
  }

  async list(tenant: TenantId, request: PageRequest & StationFilter): Promise<Page<StationView>> {
    const { connected, registration } = request;
    const [site, tag, q] = [request.site, request.tag, request.q].map(searchable);
    const limit = Math.min(request.limit, pageLimitMax);
    const after = idOfCursor(request.cursor);
    return this.#asTenant(tenant, async (tx) => {
      const rows = await tx.query<ViewRow>(sql`${selectViews}
        where s.tenant_id = ${tenant} and s.deleted_at is null
          ${after === null ? sql.empty : sql`and s.id < ${after}`}
          ${connected === undefined ? sql.empty : sql`and (p.state = 'connected') = ${connected}`}
          ${site === undefined ? sql.empty : sql`and s.site = ${site}`}
          ${tag === undefined ? sql.empty : sql`and s.tags @> ${[tag]}::text[]`}
          ${registration === undefined ? sql.empty : sql`and s.registration = ${registration}`}
          ${q === undefined ? sql.empty : sql`and s.identity >= ${q} and starts_with(s.identity, ${q})`}
        order by s.id desc limit ${limit + 1}`);
      const views = await viewsOf(tx, rows.slice(0, limit));
      const page = pageOf(
        rows,
        limit,
        (row) => row.id,
        (row) => views.get(row.id),
      );
      return { ...page, items: page.items.filter((view) => view !== undefined) };
    });
  }

  async station(tenant: TenantId, identity: string): Promise<Station> {
    if (identityProblem(identity) !== null) throw stationUnknown();
    const [row] = await this.#asTenant(tenant, (tx) =>
      tx.query<StationRow>(sql`select ${stationColumns} from stations.station s
        where s.tenant_id = ${tenant} and s.identity = ${identity} and s.deleted_at is null`),
    );
    if (!row) throw stationUnknown();
    return stationOf(row);
  }

  async references(
    tenant: TenantId,
    asked: { identities?: readonly string[]; stations?: readonly StationId[] },
  ): Promise<StationReference[]> {
    const identities = (asked.identities ?? []).filter((identity) => identityProblem(identity) === null);
    const stations = asked.stations ?? [];
    if (identities.length + stations.length > referencesMax) throw tooMany();
    const rows = await this.#asTenant(tenant, (tx) =>
      tx.query<StationRow & { protocol: string | null; max_keys: string | null }>(sql`
        select ${stationColumns}, p.protocol, v.value as max_keys
        from stations.station s
        join stations.presence p on p.station_id = s.id
        left join stations.variable v
          on v.station_id = s.id and v.key_folded = 'getconfigurationmaxkeys' and not v.unknown
        where s.tenant_id = ${tenant} and (s.id = any(${stations}::text[])
          or (s.identity = any(${identities}::text[]) and s.deleted_at is null))
        order by s.id desc`),
    );
    return rows.map((row) => {
      const station = stationOf(row);
      return {
        station: station.id,
        identity: station.identity,
        registration: registrationInForce(station),
        protocol: row.protocol,
        site: station.site,
        maxKeysPerGetVariables: positiveInteger(row.max_keys),
      };
    });
  }

  #asTenant<T>(tenant: TenantId, work: (tx: Transaction) => Promise<T>): Promise<T> {
    return readAsTenant(this.database, 'stations', tenant, work);
  }
}

export function stationUnknown(): ProblemError {
  return new ProblemError({ status: 404, code: 'station-unknown', detail: 'There is no such station.' });
}

function tooMany(): ProblemError {
  const detail = `At most ${referencesMax} stations can be asked for at once.`;
  return new ProblemError({ status: 422, code: 'too-many', detail });
}

const searchMax = 255;

/** A filter's text in a form that Postgres takes; what it never stores is also never found. */
function searchable(text: string | undefined): string | undefined {
  return text === undefined ? undefined : storableText(text, searchMax);
}

/** A variable's value is the station's own text. */
function positiveInteger(text: string | null): number | null {
  return text !== null && /^\d{1,6}$/.test(text) && Number(text) > 0 ? Number(text) : null;
}
