import type { GatewayId, StationId } from '@busbar/domain';
import { stationOperations } from '@busbar/events';
import { sql } from '@busbar/persistence';
import { waitUntil } from '@busbar/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connected, report } from './build-report.js';
import { StationsFixture } from './fixture.js';

const leaseMs = 1_000;
let service: StationsFixture;
let made = 0;

beforeAll(async () => {
  service = await StationsFixture.start({ background: true, leaseMs });
  await service.addReplica({ background: true });
});

afterAll(async () => {
  await service.stop();
});

/** Stations that a gateway holds. */
async function hold(gateway: GatewayId, count: number): Promise<{ identity: string; station: StationId }[]> {
  const held = [];
  for (let index = 0; index < count; index += 1) {
    made += 1;
    const identity = `G-${made}`;
    await service.ask(stationOperations.create, { identity, securityProfile: 0 });
    const { items } = await service.ask(stationOperations.references, { identities: [identity] });
    if (items[0]) held.push({ identity, station: items[0].station });
  }
  await service.directory.renewLease(gateway);
  await service.send(...held.map(({ station }) => report('station.connected', connected, { station, gateway })));
  return held;
}

const isConnected = async (identity: string) => (await service.ask(stationOperations.get, { identity })).connected;

async function factsOf(station: StationId): Promise<{ type: string; data: object }[]> {
  const rows = await service.rows<{ fact: { type: string; data: object } }>(sql`
    select fact from stations.outbox where fact ->> 'station' = ${station} order by position`);
  return rows.map(({ fact }) => ({ type: fact.type, data: fact.data }));
}

describe('a gateway that is gone', () => {
  // Goal: its stations are marked, told once by two replicas, and revived by a sign of the same connection.
  it('leaves its stations disconnected until they are heard of again', async () => {
    const gateway = 'gatewaygone000000000000000' as GatewayId;
    const living = 'gatewayliving0000000000000' as GatewayId;
    const [lost] = await hold(gateway, 1);
    const [kept] = await hold(living, 1);
    if (!lost || !kept) throw new Error('not held');
    const renewing = setInterval(() => void service.directory.renewLease(living), leaseMs / 4);
    try {
      await waitUntil('its station is marked', async () => !(await isConnected(lost.identity)), { timeoutMs: 10_000 });
      expect(await isConnected(kept.identity)).toBe(true);
      expect(await factsOf(lost.station)).toMatchObject([
        { type: 'station.connected' },
        { type: 'station.disconnected', data: { gateway, reason: 'gateway-lost' } },
      ]);
      const at = new Date().toISOString();
      await service.directory.renewLease(gateway);
      const stations = [{ station: lost.station, epoch: 100, at }];
      await service.send(report('station.seen', { stations }, { station: lost.station, gateway }));
      expect(await isConnected(lost.identity)).toBe(true);
      expect((await factsOf(lost.station)).at(-1)).toMatchObject({ type: 'station.connected', data: { again: true } });
    } finally {
      clearInterval(renewing);
    }
  });

  // Goal: a re-announced connection revives what was marked; one that had said goodbye stays gone.
  it('is forgotten by a re-announcement', async () => {
    const gateway = 'gatewayback00000000000000a' as GatewayId;
    const [back, ended] = await hold(gateway, 2);
    if (!back || !ended) throw new Error('not held');
    const gone = { station: ended.station, gateway, seq: 2 };
    await service.send(report('station.disconnected', { code: 1000, reason: '' }, gone));
    await waitUntil('its station is marked', async () => !(await isConnected(back.identity)), { timeoutMs: 10_000 });
    await service.directory.renewLease(gateway);
    const again = { ...connected, again: true };
    await service.send(
      report('station.connected', again, { station: back.station, gateway, seq: 3 }),
      report('station.connected', again, { station: ended.station, gateway, seq: 3 }),
    );
    expect(await isConnected(back.identity)).toBe(true);
    expect(await isConnected(ended.identity)).toBe(false);
  });

  // Goal: a gateway that answers on the bus is alive though Redis has forgotten its lease.
  it('is not one that answers', async () => {
    const gateway = 'gatewayanswers000000000000' as GatewayId;
    const [kept] = await hold(gateway, 1);
    if (!kept) throw new Error('not held');
    let pings = 0;
    const served = service.bus.serve(service.bus.subjects.gatewayFence(gateway), async () => {
      pings += 1;
      return { fenced: false };
    });
    await waitUntil('it was asked four times', () => pings >= 4, { timeoutMs: 15_000 });
    expect(await isConnected(kept.identity)).toBe(true);
    await served.stop();
  });

  // Goal: thousands are marked in bounded steps, each told once though two replicas look.
  it('leaves many stations', async () => {
    const gateway = 'gatewaymany00000000000000a' as GatewayId;
    const count = 2_500;
    await service.rows(sql`
      with made as (
        insert into stations.station (id, tenant_id, identity, security_profile, registration,
          heartbeat_interval_seconds, strict, local_list_managed, clear_cache_on_revocation, created_at, updated_at)
        select 'many' || n, 'many', 'many-' || n, 0, 'accepted', 300, false, false, false, now(), now()
        from generate_series(1, ${count}) n returning id)
      select count(*) from made`);
    await service.rows(sql`insert into stations.presence (station_id, tenant_id, state, gateway, epoch)
      select id, tenant_id, 'connected', ${gateway}, 7 from stations.station where tenant_id = 'many'`);
    await waitUntil(
      'all are marked',
      async () => {
        const [row] = await service.rows<{ left: number }>(sql`
          select count(*)::int as left from stations.presence where gateway = ${gateway} and state = 'connected'`);
        return row?.left === 0;
      },
      { timeoutMs: 15_000 },
    );
    const [facts] = await service.rows<{ told: number; stations: number }>(sql`
      select count(*)::int as told, count(distinct fact ->> 'station')::int as stations from stations.outbox
      where fact ->> 'tenant' = 'many'`);
    expect(facts).toEqual({ told: count, stations: count });
  });
});
