import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/** Where a counter, gauge or histogram is described once: names begin with `busbar_` and end with their unit. */
export interface MetricDescription {
  name: string;
  help: string;
  /** Label names. Their values must come from closed lists: never an identity, never text from outside. */
  labels?: readonly string[];
}

const latencyBucketsSeconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/**
 * The metrics of one process, in a registry of their own, so that several can live in one test. Asking twice for
 * a name gives the same metric.
 */
export class Metrics {
  readonly #registry = new Registry();

  /** With the usual metrics of a Node.js process (memory, CPU, garbage collection, event loop lag) unless told not to. */
  constructor(options: { processMetrics?: boolean } = {}) {
    if (options.processMetrics !== false) collectDefaultMetrics({ register: this.#registry });
  }

  counter(description: MetricDescription): Counter {
    const known = this.#registry.getSingleMetric(description.name);
    return known instanceof Counter ? known : new Counter(this.#configuration(description));
  }

  gauge(description: MetricDescription & { read?: () => number }): Gauge {
    const known = this.#registry.getSingleMetric(description.name);
    if (known instanceof Gauge) return known;
    const { read } = description;
    if (!read) return new Gauge(this.#configuration(description));
    return new Gauge({
      ...this.#configuration(description),
      collect() {
        this.set(read());
      },
    });
  }

  /** Buckets are seconds from 1 ms to 10 s unless given. */
  histogram(description: MetricDescription & { buckets?: readonly number[] }): Histogram {
    const known = this.#registry.getSingleMetric(description.name);
    if (known instanceof Histogram) return known;
    return new Histogram({
      ...this.#configuration(description),
      buckets: [...(description.buckets ?? latencyBucketsSeconds)],
    });
  }

  /** All metrics in Prometheus' text format. */
  text(): Promise<string> {
    return this.#registry.metrics();
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  #configuration(description: MetricDescription) {
    if (!/^busbar_[a-z0-9_]+$/.test(description.name)) {
      throw new TypeError(`the metric ${description.name} must be named busbar_… in lower case`);
    }
    return {
      name: description.name,
      help: description.help,
      labelNames: [...(description.labels ?? [])],
      registers: [this.#registry],
    };
  }
}

export type { Counter, Gauge, Histogram } from 'prom-client';
