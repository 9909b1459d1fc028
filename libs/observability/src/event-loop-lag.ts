import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Metrics } from './metrics.js';

const resolutionMs = 10;

/** How late this process is: the longest it kept a timer waiting. Load shedding reads it, and so does Prometheus. */
export interface EventLoopLag {
  /** The longest delay since the last call of this function, in milliseconds. For one caller only. */
  takeMaxMs(): number;
  close(): void;
}

/** Starts measuring, and shows the longest delay since the last scrape as `busbar_event_loop_lag_seconds`. */
export function measureEventLoopLag(metrics: Metrics): EventLoopLag {
  const forCaller = monitorEventLoopDelay({ resolution: resolutionMs });
  const forScrape = monitorEventLoopDelay({ resolution: resolutionMs });
  forCaller.enable();
  forScrape.enable();
  metrics.gauge({
    name: 'busbar_event_loop_lag_seconds',
    help: 'Longest delay of the event loop since the last scrape',
    read: () => takeMaxMs(forScrape) / 1000,
  });
  return {
    takeMaxMs: () => takeMaxMs(forCaller),
    close: () => {
      forCaller.disable();
      forScrape.disable();
    },
  };
}

function takeMaxMs(histogram: ReturnType<typeof monitorEventLoopDelay>): number {
  // The histogram counts its own interval; what is above it is lag.
  const maxMs = histogram.count === 0 ? 0 : Math.max(0, histogram.max / 1e6 - resolutionMs);
  histogram.reset();
  return maxMs;
}
