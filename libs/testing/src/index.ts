export { CountingIds } from './counting-ids.js';
export { FakeClock } from './fake-clock.js';
export { sharedStores } from './stores.js';
export { deleteStreams, type TestBus, testBus } from './test-bus.js';
export { type TestDatabase, type TestSchema, testDatabase } from './test-database.js';
export { testLogger } from './test-logger.js';
export { testPrefix } from './test-prefix.js';
export { type TestRedis, testRedis } from './test-redis.js';
export { waitUntil } from './wait-until.js';
