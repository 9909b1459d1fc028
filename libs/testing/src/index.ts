export { CountingIds } from './counting-ids.js';
export { FakeClock } from './fake-clock.js';
export type { ChildExit } from './processes/child.js';
export { type RunningApp, startApp } from './processes/start-app.js';
export { type PrivateStore, type PrivateStores, type StoreName, startStores } from './processes/start-stores.js';
export { type System, type SystemApp, type SystemOptions, startSystem } from './processes/start-system.js';
export { TcpProxy } from './proxy/tcp-proxy.js';
export { HandshakeRefusal } from './station/handshake-refusal.js';
export {
  type CallAnswer,
  type CallHandler,
  type CallResult,
  type ReceivedCall,
  type RecordedFrame,
  StationClient,
  type StationOptions,
} from './station/station-client.js';
export { sharedStores } from './stores.js';
export { deleteStreams, type TestBus, testBus } from './test-bus.js';
export { type TestDatabase, type TestSchema, testDatabase } from './test-database.js';
export { testLogger } from './test-logger.js';
export { testPrefix } from './test-prefix.js';
export { type TestRedis, testRedis } from './test-redis.js';
export { waitUntil } from './wait-until.js';
