export { cleanText } from './clean-text.js';
export { type EventLoopLag, measureEventLoopLag } from './event-loop-lag.js';
export {
  type HealthCheck,
  type HealthServer,
  type HealthServerOptions,
  type Readiness,
  runChecks,
  startHealthServer,
} from './health-server.js';
export { createLogger, type Logger, type LoggerOptions, type LogLevel, logLevels } from './logger.js';
export { type Counter, type Gauge, type Histogram, type MetricDescription, Metrics } from './metrics.js';
