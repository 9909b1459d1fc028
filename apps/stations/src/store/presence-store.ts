import type { GatewayId, IdSource, StationId, TenantId } from '@busbar/domain';
import type { Fact } from '@busbar/events';
import { recordFacts } from '@busbar/outbox';
import { type Database, sql } from '@busbar/persistence';
import { presenceWithoutGateway } from '../domain/presence/presence.js';
import { type PresenceRow, presenceColumns, presenceOf } from './station-rows.js';

const markedAtOnceMax = 1_000;

/** Who is connected through which gateway, seen from the database. */
export class PresenceStore {
  constructor(
    private readonly database: Database,
    private readonly ids: IdSource,
  ) {}

  /**
   * The gateways that connected stations name. A loose scan of an index: its cost grows with the gateways, not
   * with the stations.
   */
  async gateways(): Promise<GatewayId[]> {
    const rows = await this.database.query<{ gateway: string }>(sql.named('stations_gateways')`
      with recursive held (gateway) as (
        (select gateway from stations.presence
          where state = 'connected' and gateway is not null order by gateway limit 1)
        union all
        select (select p.gateway from stations.presence p
          where p.state = 'connected' and p.gateway > held.gateway order by p.gateway limit 1)
        from held where held.gateway is not null)
      select gateway from held where gateway is not null`);
    return rows.map((row) => row.gateway as GatewayId);
  }

  /** Which gateway a station was last known to be connected through; null when it is not. */
  async gatewayOf(station: StationId): Promise<GatewayId | null> {
    const [row] = await this.database.query<{ gateway: string | null }>(sql`
      select gateway from stations.presence where station_id = ${station} and state = 'connected'`);
    return (row?.gateway ?? null) as GatewayId | null;
  }

  /**
   * Marks the stations of a gateway that is gone, a thousand at a time until none is left; how many were marked
   * here. Any number of replicas may do it at once: rows that another one holds are skipped, and are its own.
   */
  async markLost(gateway: GatewayId, at: Date): Promise<number> {
    let marked = 0;
    for (;;) {
      const round = await this.#markSome(gateway, at);
      marked += round;
      if (round < markedAtOnceMax) return marked;
    }
  }

  #markSome(gateway: GatewayId, at: Date): Promise<number> {
    return this.database.transaction(async (tx) => {
      const rows = await tx.query<PresenceRow & { station_id: string; tenant_id: string; identity: string }>(sql`
        select p.station_id, p.tenant_id, s.identity, ${presenceColumns}
        from stations.presence p join stations.station s on s.id = p.station_id
        where p.gateway = ${gateway} and p.state = 'connected'
        order by p.station_id limit ${markedAtOnceMax} for update of p skip locked`);
      const facts: Fact[] = [];
      const stations: string[] = [];
      for (const row of rows) {
        const step = presenceWithoutGateway(presenceOf(row), gateway, at);
        if (!step) continue;
        stations.push(row.station_id);
        facts.push({
          id: this.ids.next(),
          type: 'station.disconnected',
          tenant: row.tenant_id as TenantId,
          station: row.station_id as StationId,
          stationIdentity: row.identity,
          at: at.toISOString(),
          data: { gateway, epoch: row.epoch, reason: 'gateway-lost' },
        });
      }
      if (stations.length === 0) return 0;
      await tx.execute(sql`
        update stations.presence set state = 'lost', ended_at = ${at}, end_reason = 'gateway-lost'
        where station_id = any(${stations}::text[])`);
      await recordFacts(tx, 'stations', facts);
      return stations.length;
    });
  }
}
