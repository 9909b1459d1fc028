export type { Bus, Served, ServeOptions, Subscription } from './bus.js';
export { BusError, type BusErrorCode } from './bus-error.js';
export { busProblem } from './bus-problem.js';
export { type BusOptions, connectBus } from './connect-bus.js';
