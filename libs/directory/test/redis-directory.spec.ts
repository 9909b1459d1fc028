import type { GatewayId, StationId } from '@busbar/domain';
import { sharedStores, testLogger, type TestRedis, testRedis, waitUntil } from '@busbar/testing';
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

  // A number that a double can't hold would break the order of connections for good.
  it('refuses an epoch that is no exact number', async () => {
    const { prefix, keys } = await redisFixture();
    const directory = await connected({ prefix });
    await expect(directory.claim(station, gateway, 2 ** 53)).rejects.toThrow(RangeError);
    await expect(directory.claim(station, gateway, 1.5)).rejects.toThrow(RangeError);
    expect(await keys()).toEqual([]);
  });
});
