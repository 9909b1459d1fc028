import type { GatewayId, StationId } from '@busbar/domain';
import { sharedStores, startStores, TcpProxy, type TestRedis, testLogger, testRedis, waitUntil } from '@busbar/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { RedisDirectory } from '../src/index.js';
import { directoryContract } from './directory-contract.js';

const station = '0000000000000000000000000a' as StationId;
const gateway = '00000000000000000000000g01' as GatewayId;
/** Seventeen hundred million million: where Lua's own number format begins to lose digits. */
const digits = 1_700_000_000_000_000;

const open: { close(): Promise<void> }[] = [];

afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close();
});

async function connected(options: { prefix: string; url?: string; leaseMs?: number }): Promise<RedisDirectory> {
  const directory = new RedisDirectory({ url: sharedStores.redisUrl(), ...options, logger: testLogger().logger });
  open.push(directory);
  await new Promise<void>((resolve) => directory.onStatus((available) => available && resolve()));
  return directory;
}

async function redisFixture(): Promise<TestRedis> {
  const redis = await testRedis();
  open.push(redis);
  return redis;
}

directoryContract('RedisDirectory', async () => {
  const { prefix } = await redisFixture();
  const one = await connected({ prefix });
  const two = await connected({ prefix, leaseMs: 1_000 });
  return {
    one,
    two,
    // Overwrites the lease with one that ends at once, since no test should wait ten seconds.
    expireLeases: async (id) => {
      const short = await connected({ prefix, leaseMs: 1 });
      await short.renewLease(id);
      await waitUntil('the lease is gone', async () => (await short.livingGateways([id])).size === 0);
    },
  };
});

describe('RedisDirectory', () => {
  // Every digit of an epoch must survive Lua, for numbers of all endings around today's size and up to the limit.
  it('keeps all digits', async () => {
    const { prefix, redis } = await redisFixture();
    const directory = await connected({ prefix });
    const key = `${prefix}:station:${station}`;
    const far = Number.MAX_SAFE_INTEGER - 1_000;
    for (const start of [digits * 2, digits * 2 + 99_999_999, 4_999_999_999_999_990, far]) {
      await redis.del(key);
      for (let count = 0; count < 20; count += 1) {
        const expected = start + count;
        const { epoch } = await directory.claim(station, gateway, start);
        expect(epoch).toBe(expected);
        expect(await redis.hget(key, 'epoch')).toBe(String(expected));
      }
    }
  });

  // Only our own ids and words may be keys, and idle stations cost nothing: no expiry to renew.
  it('keeps one key per station and one lease per gateway', async () => {
    const { prefix, redis, keys } = await redisFixture();
    const directory = await connected({ prefix });
    const { epoch } = await directory.claim(station, gateway, 1);
    await directory.renewLease(gateway);
    expect(await keys()).toEqual([`${prefix}:lease:${gateway}`, `${prefix}:station:${station}`]);
    expect(await redis.hgetall(`${prefix}:station:${station}`)).toEqual({ gateway, epoch: String(epoch) });
    expect(await redis.ttl(`${prefix}:station:${station}`)).toBe(-1);
    expect(await redis.pttl(`${prefix}:lease:${gateway}`)).toBeGreaterThan(9_000);
    await directory.release(station, gateway, epoch);
    expect(await redis.ttl(`${prefix}:station:${station}`)).toBeGreaterThan(86_000);
    await directory.claim(station, gateway, 1);
    expect(await redis.ttl(`${prefix}:station:${station}`)).toBe(-1);
  });

  // A restarted Redis has forgotten the scripts; nobody should notice.
  it('sends a script again to a Redis that forgot it', async () => {
    const { prefix, redis } = await redisFixture();
    const directory = await connected({ prefix });
    await redis.script('FLUSH');
    expect((await directory.claim(station, gateway, digits * 4)).epoch).toBe(digits * 4);
    await redis.script('FLUSH');
    expect(await directory.announce([{ station, epoch: digits * 4 + 1 }], gateway)).toEqual([]);
    await redis.script('FLUSH');
    expect(await directory.release(station, gateway, digits * 4 + 1)).toBe(true);
  });

  // Nobody there at all: every operation says so at once instead of queueing.
  it('is unavailable without a Redis', async () => {
    const directory = new RedisDirectory({ url: 'redis://127.0.0.1:1', prefix: 'x', logger: testLogger().logger });
    open.push(directory);
    const expected = { code: 'unavailable', retryable: true };
    await expect(directory.claim(station, gateway, 1)).rejects.toMatchObject(expected);
    await expect(directory.release(station, gateway, 1)).rejects.toMatchObject(expected);
    await expect(directory.ownerOf(station)).rejects.toMatchObject(expected);
    await expect(directory.announce([{ station, epoch: 1 }], gateway)).rejects.toMatchObject(expected);
    await expect(directory.renewLease(gateway)).rejects.toMatchObject(expected);
    await expect(directory.livingGateways([gateway])).rejects.toMatchObject(expected);
  });

  // Silent for 300 ms: the gateway must go on by itself, and soon. Afterwards nobody has to do anything.
  it('gives up on a Redis that hangs within 300 ms, and heals', async () => {
    const { prefix } = await redisFixture();
    const proxy = await TcpProxy.to(sharedStores.redisUrl());
    open.push(proxy);
    const directory = await connected({ prefix, url: proxy.urlOf(sharedStores.redisUrl()) });
    const seen: boolean[] = [];
    directory.onStatus((available) => seen.push(available));
    proxy.hold();
    const start = performance.now();
    const claims = await Promise.allSettled(Array.from({ length: 200 }, () => directory.claim(station, gateway, 1)));
    expect(performance.now() - start).toBeLessThan(600);
    expect(claims.every((claim) => claim.status === 'rejected')).toBe(true);
    await waitUntil('the silent connection is given up', () => seen.includes(false));
    proxy.pass();
    await waitUntil('it is back', () => seen.at(-1) === true);
    expect((await directory.claim(station, gateway, 1)).epoch).toBeGreaterThan(0);
  });

  // Cut in the middle of claims: what was in flight fails at once and the next connection serves.
  it('fails what was in flight when its connection breaks, and heals', async () => {
    const { prefix } = await redisFixture();
    const proxy = await TcpProxy.to(sharedStores.redisUrl());
    open.push(proxy);
    const directory = await connected({ prefix, url: proxy.urlOf(sharedStores.redisUrl()) });
    for (let round = 0; round < 3; round += 1) {
      const sprung = proxy.cutAfterRequest(/eval/i);
      await expect(directory.claim(station, gateway, 1)).rejects.toMatchObject({ code: 'unavailable' });
      await sprung;
      await waitUntil('it is back', async () => (await directory.claim(station, gateway, 1)).epoch > 0);
    }
  });

  // A claim whose answer was lost happened all the same, under an epoch that the gateway never learned. Announcing the
  // epoch that it holds instead must set that right, or commands would go to an epoch that nobody has.
  it('replaces its own claim that nobody learned of', async () => {
    const { prefix, redis } = await redisFixture();
    const proxy = await TcpProxy.to(sharedStores.redisUrl());
    open.push(proxy);
    const directory = await connected({ prefix, url: proxy.urlOf(sharedStores.redisUrl()) });
    await directory.renewLease(gateway);
    const held = digits * 4;
    await directory.announce([{ station, epoch: held }], gateway);
    const sprung = proxy.cutAfterRequest(/eval/i);
    await expect(directory.claim(station, gateway, 1)).rejects.toMatchObject({ code: 'unavailable' });
    await sprung;
    await waitUntil('the lost claim has happened', async () => {
      return (await redis.hget(`${prefix}:station:${station}`, 'epoch')) === String(held + 1);
    });
    await waitUntil('it is back', async () => (await directory.livingGateways([gateway])).size === 1);
    expect(await directory.announce([{ station, epoch: held }], gateway)).toEqual([]);
    expect(await directory.ownerOf(station)).toEqual({ gateway, epoch: held });
  });

  // A killed Redis that comes back empty: the gateways' announcements make it whole.
  it('is whole again after Redis lost everything', async () => {
    const { stores, stop } = await startStores('redis');
    open.push({ close: stop });
    const directory = await connected({ prefix: 'test', url: stores.redis.url });
    const { epoch } = await directory.claim(station, gateway, 1);
    const back: boolean[] = [];
    directory.onStatus((available) => back.push(available));
    await stores.redis.kill();
    await waitUntil('it is noticed', () => back.at(-1) === false);
    await stores.redis.start();
    await waitUntil('it is back', () => back.at(-1) === true);
    await directory.renewLease(gateway);
    expect(await directory.announce([{ station, epoch }], gateway)).toEqual([]);
    expect(await directory.ownerOf(station)).toEqual({ gateway, epoch });
  });

  // A number that a double can't hold would break the order of connections for good.
  it('refuses an epoch that is no exact number', async () => {
    const { prefix, keys } = await redisFixture();
    const directory = await connected({ prefix });
    await expect(directory.claim(station, gateway, 2 ** 53)).rejects.toThrow(RangeError);
    await expect(directory.claim(station, gateway, 1.5)).rejects.toThrow(RangeError);
    expect(await keys()).toEqual([]);
  });
});
