export { FactRelay, type FactRelayOptions } from './fact-relay.js';
export { OutboxError } from './outbox-error.js';
export { recordFacts } from './record-facts.js';
export { shardCount, shardOf } from './shard.js';
