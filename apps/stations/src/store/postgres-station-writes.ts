import type { GatewayId, IdSource, StationId, TenantId } from '@busbar/domain';
import { type AskContext, type Fact, ProblemError, type StationSettings, type StationView } from '@busbar/events';
import { recordFacts } from '@busbar/outbox';
import { type Database, once, type Sql, sql, type Transaction } from '@busbar/persistence';
import { identityProblem } from '../domain/settings/identity.js';
import type { Station } from '../domain/station.js';
import type { CreatedStation, NewStation, StationWrites } from '../domain/station-store.js';
import { stationUnknown } from './postgres-station-reads.js';
import { type PresenceRow, presenceColumns, type StationRow, stationColumns, stationOf } from './station-rows.js';
import { selectViews, type ViewRow, viewsOf } from './station-view.js';

/** Stations changed in Postgres; what others are told of it goes into the same commit. */
export class PostgresStationWrites implements StationWrites {
  constructor(
    private readonly database: Database,
    private readonly ids: IdSource,
  ) {}

  create(context: AskContext, wanted: NewStation, sealedKey: string | null, now: Date): Promise<CreatedStation> {
    const { tenant } = context;
    return this.database.transaction((tx) =>
      once(tx, { schema: 'stations', context, operation: 'stations.create' }, async () => {
        const id = this.ids.next<'station'>();
        if ((await tx.execute(insertStation(id, tenant, wanted, now))) === 0) throw stationExists();
        await tx.execute(sql`insert into stations.presence (station_id, tenant_id) values (${id}, ${tenant})`);
        if (wanted.key) {
          const { kind, salt, digest } = wanted.key;
          await tx.execute(sql`
            insert into stations.station_key (id, tenant_id, station_id, kind, salt, digest, created_at)
            values (${this.ids.next()}, ${tenant}, ${id}, ${kind}, ${salt}, ${digest}, ${now})`);
        }
        return { station: await viewById(tx, id), sealedKey };
      }),
    );
  }

  update(
    tenant: TenantId,
    identity: string,
    changes: Partial<StationSettings>,
    now: Date,
  ): Promise<{ before: Station; after: Station; view: StationView }> {
    return this.database.transaction(async (tx) => {
      const before = await lockStation(tx, tenant, identity);
      const assignments = [...assignmentsOf(changes), sql`updated_at = ${now}`];
      await tx.execute(sql`update stations.station set ${sql.join(assignments)} where id = ${before.id}`);
      return { before, after: { ...before, ...changes }, view: await viewById(tx, before.id) };
    });
  }

  watch(tenant: TenantId, identity: string, until: Date): Promise<Station> {
    return this.database.transaction(async (tx) => {
      const station = await lockStation(tx, tenant, identity);
      await tx.execute(sql`update stations.station set watched_until = ${until} where id = ${station.id}`);
      return { ...station, watchedUntil: until };
    });
  }

  delete(tenant: TenantId, identity: string, now: Date): Promise<{ station: Station; gateway: GatewayId | null }> {
    return this.database.transaction(async (tx) => {
      const found = await findId(tx, tenant, identity);
      // The lock of whoever records this station's reports, taken first by everyone.
      const [presence] = await tx.query<PresenceRow>(sql`
        select ${presenceColumns} from stations.presence p where p.station_id = ${found} for update`);
      const station = await lockStation(tx, tenant, identity);
      await tx.execute(sql`
        update stations.station set deleted_at = ${now}, updated_at = ${now} where id = ${station.id}`);
      await tx.execute(sql`delete from stations.station_key where station_id = ${station.id}`);
      if (presence?.state === 'connected') {
        await tx.execute(sql`
          update stations.presence set state = 'disconnected', ended_at = ${now}, end_reason = 'deleted'
          where station_id = ${station.id}`);
        await recordFacts(tx, 'stations', [this.#disconnected(station, presence, now)]);
      }
      const gateway = presence?.state === 'connected' ? presence.gateway : null;
      return { station, gateway: gateway as GatewayId | null };
    });
  }

  #disconnected(station: Station, presence: PresenceRow, now: Date): Fact {
    const gateway = presence.gateway as GatewayId | null;
    return {
      id: this.ids.next(),
      type: 'station.disconnected',
      tenant: station.tenant,
      station: station.id,
      stationIdentity: station.identity,
      at: now.toISOString(),
      data: { gateway, epoch: presence.epoch, reason: 'deleted' },
    };
  }
}

function insertStation(id: StationId, tenant: TenantId, { identity, settings }: NewStation, now: Date): Sql {
  return sql`
    insert into stations.station (
      id, tenant_id, identity, security_profile, registration, heartbeat_interval_seconds, strict, assume_protocol,
      site, tags, local_list_managed, clear_cache_on_revocation, created_at, updated_at)
    values (
      ${id}, ${tenant}, ${identity}, ${settings.securityProfile}, ${settings.registration},
      ${settings.heartbeatIntervalSeconds}, ${settings.strict}, ${settings.assumeProtocol}, ${settings.site},
      ${settings.tags}, ${settings.localList.managed}, ${settings.clearCacheOnRevocation}, ${now}, ${now})
    on conflict (identity) where deleted_at is null do nothing`;
}

function assignmentsOf(changes: Partial<StationSettings>): Sql[] {
  const { securityProfile, registration, heartbeatIntervalSeconds, strict, assumeProtocol, site, tags } = changes;
  const { localList, clearCacheOnRevocation } = changes;
  const given: (Sql | false)[] = [
    securityProfile !== undefined && sql`security_profile = ${securityProfile}`,
    registration !== undefined && sql`registration = ${registration}`,
    heartbeatIntervalSeconds !== undefined && sql`heartbeat_interval_seconds = ${heartbeatIntervalSeconds}`,
    strict !== undefined && sql`strict = ${strict}`,
    assumeProtocol !== undefined && sql`assume_protocol = ${assumeProtocol}`,
    site !== undefined && sql`site = ${site}`,
    tags !== undefined && sql`tags = ${tags}`,
    localList !== undefined && sql`local_list_managed = ${localList.managed}`,
    clearCacheOnRevocation !== undefined && sql`clear_cache_on_revocation = ${clearCacheOnRevocation}`,
  ];
  return given.filter((one) => one !== false);
}

async function findId(tx: Transaction, tenant: TenantId, identity: string): Promise<StationId> {
  if (identityProblem(identity) !== null) throw stationUnknown();
  const [row] = await tx.query<{ id: string }>(sql`
    select id from stations.station
    where tenant_id = ${tenant} and identity = ${identity} and deleted_at is null`);
  if (!row) throw stationUnknown();
  return row.id as StationId;
}

async function lockStation(tx: Transaction, tenant: TenantId, identity: string): Promise<Station> {
  if (identityProblem(identity) !== null) throw stationUnknown();
  const [row] = await tx.query<StationRow>(sql`
    select ${stationColumns} from stations.station s
    where s.tenant_id = ${tenant} and s.identity = ${identity} and s.deleted_at is null for update`);
  if (!row) throw stationUnknown();
  return stationOf(row);
}

async function viewById(tx: Transaction, id: StationId): Promise<StationView> {
  const rows = await tx.query<ViewRow>(sql`${selectViews} where s.id = ${id}`);
  const [view] = (await viewsOf(tx, rows)).values();
  if (!view) throw stationUnknown();
  return view;
}

function stationExists(): ProblemError {
  const detail = 'This identity is registered already.';
  return new ProblemError({ status: 409, code: 'station-exists', detail });
}
