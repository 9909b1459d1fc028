export type { Bus, Served, ServeOptions, Subscription } from './bus.js';
export { BusError, type BusErrorCode } from './bus-error.js';
export { busProblem } from './bus-problem.js';
export { type BusOptions, connectBus } from './connect-bus.js';
export { type ConsumeFactsOptions, consumeFacts } from './streams/consume-facts.js';
export { ensureStreams, type StreamLimits } from './streams/ensure-streams.js';
export { type ReadHeldOptions, readHeld } from './streams/read-held.js';
export {
  type FactAt,
  type ReadFactsOptions,
  type ReadStreamOptions,
  readFacts,
  readStream,
  type StreamedMessage,
} from './streams/read-stream.js';
export { StreamPublisher, type StreamPublisherOptions } from './streams/stream-publisher.js';
