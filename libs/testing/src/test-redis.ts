import { Redis } from 'ioredis';
import { sharedStores } from './stores.js';
import { testPrefix } from './test-prefix.js';

/** A prefix of a test's own on the shared Redis, and a connection to look at what is there. */
export interface TestRedis {
  url: string;
  prefix: string;
  redis: Redis;
  /** All keys of the prefix, sorted. */
  keys(): Promise<string[]>;
  /** Deletes the prefix's keys and closes the connection. */
  close(): Promise<void>;
}

export async function testRedis({
  prefix = testPrefix(),
  url = sharedStores.redisUrl(),
}: {
  prefix?: string;
  url?: string;
} = {}): Promise<TestRedis> {
  const redis = new Redis(url);
  const keys = async () => {
    const found: string[] = [];
    for await (const batch of redis.scanStream({ match: `${prefix}:*`, count: 1_000 })) found.push(...batch);
    return found.sort();
  };
  await redis.ping();
  return {
    url,
    prefix,
    redis,
    keys,
    close: async () => {
      for (const key of await keys()) await redis.del(key);
      await redis.quit();
    },
  };
}
