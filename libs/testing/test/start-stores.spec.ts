import { openDatabase, sql } from '@busbar/persistence';
import { Redis } from 'ioredis';
import { describe, expect, it } from 'vitest';
import { startStores, testBus, testLogger, waitUntil } from '../src/index.js';

describe('startStores', () => {
  // A store that a test kills comes back with its data on the same port, and only that test has it.
  it('gives private stores that can be killed and started again', async () => {
    const { stores, stop } = await startStores('postgres', 'nats', 'redis');
    try {
      const database = openDatabase({
        url: stores.postgres.url,
        applicationName: 'test',
        poolMax: 1,
        logger: testLogger().logger,
      });
      await database.execute(sql`create table kept (id int)`);
      await stores.postgres.kill();
      expect(stores.postgres.pid).toBeNull();
      await expect(database.ping()).rejects.toMatchObject({ code: 'unavailable' });
      await stores.postgres.start();
      expect(await database.query(sql`select count(*) as count from kept`)).toEqual([{ count: 0 }]);
      await database.close();

      const { bus, close } = await testBus({ url: stores.nats.url });
      await stores.nats.stop();
      await waitUntil('the bus notices', () => !bus.connected);
      await stores.nats.start();
      await waitUntil('the bus is back', () => bus.connected);
      await close();

      const redis = new Redis(stores.redis.url);
      expect(await redis.ping()).toBe('PONG');
      redis.disconnect();
    } finally {
      await stop();
    }
  });
});
