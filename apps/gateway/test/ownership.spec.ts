import { LocalDirectory, RedisDirectory } from '@busbar/directory';
import { type GatewayId, type StationId, systemClock } from '@busbar/domain';
import type { FenceReply, WhoHoldsReply } from '@busbar/events';
import { sharedStores, TcpProxy, testLogger, waitUntil } from '@busbar/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { timings } from '../src/gateway.js';
import { type Bench, bench, type GatewayUnderTest } from './gateway-under-test.js';

let b: Bench;

beforeEach(async () => {
  b = await bench();
});
afterEach(() => b.close());

function owner(gateway: GatewayUnderTest, station: StationId) {
  return gateway.directory.ownerOf(station);
}

async function connectedEpoch(station: StationId, which = 0): Promise<number> {
  const report = await waitUntil('it is connected', () => b.services.of('station.connected', station)[which]);
  return report.source.epoch;
}

describe('a connection', () => {
  // It is in the directory while it lives, and gone after.
  it('is in the directory', async () => {
    const gateway = await b.gateway();
    const { station } = b.services.know('CP1');
    const s = await b.station(gateway, 'CP1');
    const epoch = await connectedEpoch(station);
    expect(await owner(gateway, station)).toEqual({ gateway: gateway.id, epoch });
    await s.close(1000, 'bye');
    await waitUntil('it is released', async () => (await owner(gateway, station)) === null);
    const gone = await waitUntil('it is reported', () => b.services.of('station.disconnected', station)[0]);
    expect([gone.data, gone.source.epoch]).toEqual([{ code: 1000, reason: 'bye' }, epoch]);
  });
});

describe('a second connection of a station', () => {
  // On the same gateway: the old one is closed 4001, the new one serves, the old close changes nothing.
  it('displaces the first', async () => {
    const gateway = await b.gateway();
    const { station } = b.services.know('CP1');
    const first = await b.station(gateway, 'CP1');
    await first.ask('Heartbeat', {});
    const second = await b.station(gateway, 'CP1');
    expect(await first.closed).toEqual({ code: 4001, reason: 'taken-over' });
    await second.ask('Heartbeat', {});
    const epoch = await connectedEpoch(station, 1);
    await waitUntil('the old close is reported', () => b.services.of('station.disconnected', station).length === 1);
    expect(await owner(gateway, station)).toEqual({ gateway: gateway.id, epoch });
    await second.ask('Heartbeat', {});
  });

  // On another gateway: the first is asked to fence and closes; the directory names the second, also after the
  // first one's close has been handled.
  it('displaces the first from another gateway', async () => {
    const [one, two] = [await b.gateway(), await b.gateway()];
    const { station } = b.services.know('CP1');
    const first = await b.station(one, 'CP1');
    await connectedEpoch(station);
    const second = await b.station(two, 'CP1');
    expect(await first.closed).toEqual({ code: 4001, reason: 'taken-over' });
    const epoch = await connectedEpoch(station, 1);
    await waitUntil('the old close is reported', () => b.services.of('station.disconnected', station).length === 1);
    expect(await owner(two, station)).toEqual({ gateway: two.id, epoch });
    await second.ask('Heartbeat', {});
    expect(epoch).toBeGreaterThan(await connectedEpoch(station, 0));
  });

  // Without credentials it never gets so far, and the incumbent notices nothing.
  it('is refused without the key', async () => {
    const gateway = await b.gateway();
    b.services.know('CP1');
    const first = await b.station(gateway, 'CP1');
    await expect(b.station(gateway, 'CP1', { key: 'wrong' })).rejects.toMatchObject({ status: 401 });
    await first.ask('Heartbeat', {});
  });

  // Many at once: one of them is left, and it is the one in the directory.
  it('leaves one of many', async () => {
    const [one, two] = [await b.gateway(), await b.gateway()];
    const { station } = b.services.know('CP1');
    const all = await Promise.all(Array.from({ length: 10 }, (_, n) => b.station(n % 2 ? one : two, 'CP1')));
    await waitUntil('one is left', () => all.filter((s) => s.isOpen).length === 1);
    const [left] = all.filter((s) => s.isOpen);
    await left?.ask('Heartbeat', {});
    const epochs = b.services.of('station.connected', station).map((report) => report.source.epoch);
    const standing = await waitUntil('it stands', () => owner(one, station));
    expect(standing.epoch).toBe(Math.max(...epochs));
    expect(await who(station)).toEqual([standing]);
  });

  // More than five take-overs a minute are an alarm, one.
  it('is an alarm when it goes on', async () => {
    const gateway = await b.gateway();
    b.services.know('CP1');
    for (let n = 0; n < 9; n += 1) await b.station(gateway, 'CP1');
    await waitUntil('it is counted', async () => {
      return (await gateway.metric('busbar_gateway_takeovers_total{by="here"}')) >= 8;
    });
    expect(gateway.lines.filter((line) => line.includes('displace one another')).length).toBe(1);
    expect(await gateway.metric('busbar_gateway_flapping_total{kind="takeovers"}')).toBe(1);
  });
});

async function who(station: StationId): Promise<WhoHoldsReply[]> {
  return b.bus.requestMany<WhoHoldsReply>(b.bus.subjects.whoHolds(), { station }, { timeoutMs: 300 });
}

describe('a request to fence', () => {
  // Only an older connection is fenced.
  it('fences what is older', async () => {
    const gateway = await b.gateway();
    const { station } = b.services.know('CP1');
    const s = await b.station(gateway, 'CP1');
    const epoch = await connectedEpoch(station);
    const fence = (newer: number) =>
      b.bus.request<FenceReply>(
        b.bus.subjects.gatewayFence(gateway.id),
        { station, epoch: newer, gateway: 'x' },
        { timeoutMs: 1000 },
      );
    expect(await fence(epoch)).toEqual({ fenced: false });
    await s.ask('Heartbeat', {});
    expect(await fence(epoch + 1)).toEqual({ fenced: true });
    expect((await s.closed).code).toBe(4001);
    expect(await who(station)).toEqual([]);
  });
});

describe('without the directory', () => {
  // Redis does not answer: stations are let in all the same, others hear of it, and questions are answered.
  it('stations are served', async () => {
    const { logger } = testLogger();
    const nowhere = () => new RedisDirectory({ url: 'redis://127.0.0.1:1', prefix: b.prefix, logger });
    const [one, two] = [await b.gateway({ directory: nowhere() }), await b.gateway({ directory: nowhere() })];
    const { station } = b.services.know('CP1');
    const first = await b.station(one, 'CP1');
    await first.ask('Heartbeat', {});
    expect(await who(station)).toEqual([{ gateway: one.id, epoch: await connectedEpoch(station) }]);
    const second = await b.station(two, 'CP1');
    expect((await first.closed).code).toBe(4001);
    await second.ask('Heartbeat', {});
    expect(await who(station)).toEqual([{ gateway: two.id, epoch: await connectedEpoch(station, 1) }]);
  });

  // It comes back, empty: everything is announced again by itself, and at once.
  it('is told everything when it is back', async () => {
    const proxy = await TcpProxy.to(sharedStores.redisUrl());
    const { logger } = testLogger();
    const directory = new RedisDirectory({ url: proxy.urlOf(sharedStores.redisUrl()), prefix: b.prefix, logger });
    const gateway = await b.gateway({ directory });
    const stations = Array.from({ length: 20 }, (_, n) => b.services.know(`CP${n}`).station);
    for (let n = 0; n < 10; n += 1) await b.station(gateway, `CP${n}`);
    proxy.refuse();
    for (let n = 10; n < 20; n += 1) await b.station(gateway, `CP${n}`);
    for (const station of stations) await b.redis.del(`${b.prefix}:station:${station}`);
    await b.redis.del(`${b.prefix}:lease:${gateway.id}`);
    proxy.pass();
    await waitUntil(
      'all are in the directory',
      async () => {
        const owners = await Promise.all(stations.map((station) => owner(gateway, station)));
        return owners.every((one) => one?.gateway === gateway.id);
      },
      { timeoutMs: 10_000 },
    );
    await proxy.close();
  });

  // Emptied behind our back, with the connection standing: noticed at the next renewal.
  it('is told everything when it was emptied', async () => {
    const gateway = await b.gateway();
    const { station } = b.services.know('CP1');
    await b.station(gateway, 'CP1');
    const epoch = await connectedEpoch(station);
    await b.redis.del(`${b.prefix}:station:${station}`, `${b.prefix}:lease:${gateway.id}`);
    await waitUntil('it stands again', () => owner(gateway, station), { timeoutMs: 10_000 });
    expect(await owner(gateway, station)).toEqual({ gateway: gateway.id, epoch });
    // Services may have taken the station for gone meanwhile: they are told once more.
    const reports = await waitUntil('it is reported again', () => {
      const connected = b.services.of('station.connected', station);
      return connected.length === 2 && connected;
    });
    expect(reports.map((report) => [report.data.again, report.source.epoch])).toEqual([
      [false, epoch],
      [true, epoch],
    ]);
  });

  // One entry lost or wrong: the slow sweep mends it; one that is newer elsewhere fences ours.
  it('is swept', async () => {
    const gateway = await b.gateway({ timings: { sweepMs: 1000 } });
    const { station } = b.services.know('CP1');
    const s = await b.station(gateway, 'CP1');
    const epoch = await connectedEpoch(station);
    await b.redis.del(`${b.prefix}:station:${station}`);
    await waitUntil('it stands again', () => owner(gateway, station));
    await b.redis.hset(`${b.prefix}:station:${station}`, 'gateway', 'another', 'epoch', String(epoch + 5));
    expect((await s.closed).code).toBe(4001);
  });
});

describe('a gateway that the bus has lost', () => {
  // It fences and closes everything after its time, refuses new ones, and comes back by itself.
  it('lets its stations go', async () => {
    const proxy = await TcpProxy.to(sharedStores.natsUrl());
    const gateway = await b.gateway({
      natsUrl: proxy.urlOf(sharedStores.natsUrl()),
      directory: new LocalDirectory({ clock: systemClock }),
      timings: { pingEveryMs: 200, pulse: { holdAfterMs: 800, lostAfterMs: 1600, stallMs: 1500 } },
    });
    b.services.know('CP1');
    const s = await b.station(gateway, 'CP1');
    await s.ask('Heartbeat', {});
    proxy.refuse();
    await waitUntil('it is in doubt', async () => (await gateway.metric('busbar_gateway_ping_age_seconds')) > 0.9);
    s.send([2, 'held', 'Heartbeat', {}]);
    expect(await s.closed).toEqual({ code: 1012, reason: 'ownership-lost' });
    expect(s.frames.filter((frame) => frame.direction === 'in').length).toBe(1);
    await expect(b.station(gateway, 'CP1')).rejects.toMatchObject({ status: 503 });
    proxy.pass();
    const again = await waitUntil('it takes stations again', () => b.station(gateway, 'CP1'), { timeoutMs: 15_000 });
    await again.ask('Heartbeat', {});
    await proxy.close();
  });

  // Away for less than that: answers are held back, in order, and nobody is closed.
  it('keeps answers back while in doubt', async () => {
    const proxy = await TcpProxy.to(sharedStores.natsUrl());
    const gateway = await b.gateway({
      natsUrl: proxy.urlOf(sharedStores.natsUrl()),
      directory: new LocalDirectory({ clock: systemClock }),
      timings: { pingEveryMs: 200, pulse: { holdAfterMs: 500, lostAfterMs: 60_000, stallMs: 1500 } },
    });
    b.services.know('CP1');
    const s = await b.station(gateway, 'CP1');
    await s.ask('Heartbeat', {});
    proxy.refuse();
    await waitUntil('it is in doubt', async () => (await gateway.metric('busbar_gateway_ping_age_seconds')) > 0.9);
    const answers = ['a', 'b', 'c'].map((messageId) => s.ask('Heartbeat', {}, { messageId, timeoutMs: 20_000 }));
    proxy.pass();
    await Promise.all(answers);
    expect(
      s.frames
        .filter((frame) => frame.direction === 'in')
        .map(({ text }) => JSON.parse(text)[1])
        .slice(1),
    ).toEqual(['a', 'b', 'c']);
    await proxy.close();
  });
});

describe('signs of life', () => {
  // Many heartbeats of many stations are one report.
  it('are reported together', async () => {
    const gateway = await b.gateway({ timings: { seenEveryMs: 300 } });
    const stations = Array.from({ length: 5 }, (_, n) => b.services.know(`CP${n}`).station);
    for (let n = 0; n < 5; n += 1) {
      const s = await b.station(gateway, `CP${n}`);
      for (let beat = 0; beat < 5; beat += 1) await s.ask('Heartbeat', {});
    }
    const seen = await waitUntil('they are reported', () => {
      const all = b.services.of('station.seen').flatMap((report) => report.data.stations);
      return new Set(all.map((one) => one.station)).size === 5 && all;
    });
    expect(seen.length).toBeLessThanOrEqual(10);
    expect([...new Set(seen.map((one) => one.station))].sort()).toEqual([...stations].sort());
    for (const { at } of seen) expect(Math.abs(Date.parse(at) - Date.now())).toBeLessThan(10_000);
  });
});

describe('liveness', () => {
  const quick = { ...timings.liveness, pingEverySeconds: 1, silentSecondsMax: 3, silentSecondsMin: 4 };

  // Pings go out; who answers them may be quiet; who has answered and falls silent is dropped.
  it('keeps who answers pings', async () => {
    const gateway = await b.gateway({ timings: { liveness: quick } });
    b.services.know('CP1', { heartbeatIntervalSeconds: 1 });
    const s = await b.station(gateway, 'CP1');
    await waitUntil('it is pinged', () => s.pings >= 4, { timeoutMs: 15_000 });
    expect(s.isOpen).toBe(true);
    s.pause();
    const gone = await waitUntil('it is dropped', () => b.services.of('station.disconnected')[0], {
      timeoutMs: 15_000,
    });
    expect(gone.data).toEqual({ code: 1006, reason: 'silent' });
    await s.reset();
  });

  // Who never answers a ping is judged by its messages alone, by its own heartbeat interval.
  it('judges others by their messages', async () => {
    const gateway = await b.gateway({ timings: { liveness: quick } });
    b.services.know('CP1', { heartbeatIntervalSeconds: 1 });
    b.services.know('CP2', { heartbeatIntervalSeconds: 300 });
    const patient = await b.station(gateway, 'CP2', { answerPings: false });
    const s = await b.station(gateway, 'CP1', { answerPings: false });
    const startedAt = performance.now();
    expect((await s.closed).code).toBe(1006);
    expect(performance.now() - startedAt).toBeGreaterThan(2900);
    expect(patient.isOpen).toBe(true);
  });
});

describe('session updates', () => {
  // What a service changed holds for the next message; a close is a close.
  it('reach the connection', async () => {
    const gateway = await b.gateway();
    const { station } = b.services.know('CP1');
    const s = await b.station(gateway, 'CP1');
    const update = (changes: object) =>
      b.bus.request(b.bus.subjects.gatewaySession(gateway.id), { station, ...changes }, { timeoutMs: 1000 });
    await s.ask('Heartbeat', {});
    expect(await update({ strict: true })).toEqual({});
    expect(await s.call('Heartbeat', { extra: 1 })).toMatchObject({ kind: 'error' });
    await update({ strict: false, registration: 'rejected' });
    expect(await s.call('Heartbeat', {})).toMatchObject({ kind: 'error', code: 'SecurityError' });
    await update({ close: { code: 1008, reason: 'station-deleted' } });
    expect(await s.closed).toEqual({ code: 1008, reason: 'station-deleted' });
    expect(await update({ strict: true })).toEqual({});
  });

  // To a gateway that does not hold the station they are nothing.
  it('miss without harm', async () => {
    const gateway = await b.gateway();
    const update = { station: 'nobody' as StationId, close: { code: 1008, reason: 'x' } };
    const to = (id: GatewayId) => b.bus.subjects.gatewaySession(id);
    expect(await b.bus.request(to(gateway.id), update, { timeoutMs: 1000 })).toEqual({});
  });
});
