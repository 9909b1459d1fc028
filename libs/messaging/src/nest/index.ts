export { BusStrategy } from './bus-strategy.js';
export { AnswersReports, type HandlerBounds, Serves } from './handlers.js';
