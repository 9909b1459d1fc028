import { defaultTenant, type IdSource, type Registration } from '@busbar/domain';
import { type Database, sql } from '@busbar/persistence';
import type { AuthenticationStore } from '../domain/authentication/authentication.js';
import type { KnownStation } from '../domain/authentication/judge.js';
import type { VerifiedKey } from '../domain/authentication/key-vault.js';
import type { KeyForm, KeyKind, StoredKey } from '../domain/authentication/station-key.js';
import { defaultSettings } from '../domain/settings/station-settings.js';
import { type StationRow, stationColumns, stationOf } from './station-rows.js';

interface KeyRow {
  key_id: string | null;
  kind: string;
  salt: Buffer;
  digest: Buffer;
  form: string | null;
  key_created_at: Date;
  first_used_at: Date | null;
  expires_at: Date | null;
}

/** What authentication reads and notes, in Postgres. */
export class PostgresAuthenticationStore implements AuthenticationStore {
  constructor(
    private readonly database: Database,
    private readonly ids: IdSource,
    private readonly selfRegisteredMax: number,
  ) {}

  async find(identities: readonly string[]): Promise<Map<string, KnownStation>> {
    const rows = await this.database.query<StationRow & KeyRow & { serial_number: string | null }>(sql.named(
      'stations_authenticate',
    )`
      select ${stationColumns}, b.serial_number, k.id as key_id, k.kind, k.salt, k.digest, k.form,
        k.created_at as key_created_at, k.first_used_at, k.expires_at
      from stations.station s
      left join stations.boot b on b.station_id = s.id
      left join stations.station_key k on k.station_id = s.id
      where s.identity = any(${identities}::text[]) and s.deleted_at is null
      order by s.id, k.id desc`);
    const known = new Map<string, KnownStation>();
    for (const row of rows) {
      const entry = known.get(row.identity) ?? { station: stationOf(row), keys: [], serialNumber: row.serial_number };
      known.set(row.identity, entry);
      const key = keyOf(row);
      if (key) entry.keys.push(key);
    }
    return known;
  }

  async selfRegister(identities: readonly string[], registration: Registration, now: Date): Promise<void> {
    const ids = identities.map(() => this.ids.next<'station'>());
    await this.database.transaction(async (tx) => {
      // One replica at a time, so that the bound holds: this happens once in a station's life.
      await tx.query(sql`select pg_advisory_xact_lock(hashtextextended('busbar.stations.self-register', 0))`);
      await tx.execute(sql`
        insert into stations.station (
          id, tenant_id, identity, security_profile, registration, heartbeat_interval_seconds, strict, assume_protocol,
          local_list_managed, clear_cache_on_revocation, self_registered, created_at, updated_at)
        select n.id, ${defaultTenant}, n.identity, 0, ${registration}, ${defaultSettings.heartbeatIntervalSeconds},
          false, null, false, false, true, ${now}, ${now}
        from unnest(${ids}::text[], ${identities}::text[]) with ordinality as n (id, identity, place)
        where not exists (select from stations.station s where s.identity = n.identity)
          and n.place + (select count(*) from stations.station where self_registered and deleted_at is null)
            <= ${this.selfRegisteredMax}`);
      await tx.execute(sql`
        insert into stations.presence (station_id, tenant_id)
        select id, tenant_id from stations.station where id = any(${ids}::text[])`);
    });
  }

  async keysUsed(used: readonly VerifiedKey[], now: Date): Promise<void> {
    // In the order of the keys, so that two batches never wait for each other.
    const inOrder = [...used].sort((left, right) => (left.key.id < right.key.id ? -1 : 1));
    const ids = inOrder.map(({ key }) => key.id);
    await this.database.transaction(async (tx) => {
      await tx.query(sql`select id from stations.station_key where id = any(${ids}::text[]) order by id for update`);
      await tx.execute(sql`
        update stations.station_key k set form = n.form, first_used_at = coalesce(k.first_used_at, ${now})
        from unnest(${ids}::text[], ${inOrder.map(({ form }) => form)}::text[]) as n (id, form)
        where k.id = n.id`);
      // The old key of a change ends with the first use of the new one (rule A-07).
      await tx.execute(sql`
        delete from stations.station_key old using stations.station_key used
        where used.id = any(${ids}::text[]) and used.expires_at is null
          and old.station_id = used.station_id and old.expires_at is not null`);
    });
  }
}

function keyOf(row: KeyRow): StoredKey | null {
  if (row.key_id === null) return null;
  return {
    id: row.key_id,
    kind: row.kind as KeyKind,
    salt: row.salt,
    digest: row.digest,
    form: row.form as KeyForm | null,
    createdAt: row.key_created_at,
    firstUsedAt: row.first_used_at,
    expiresAt: row.expires_at,
  };
}
