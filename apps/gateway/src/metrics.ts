import type { ReportService } from '@busbar/events';
import type { Counter, Histogram, Metrics } from '@busbar/observability';

/** What the gauges show; read at each scrape. */
export interface GatewayGauges {
  connections(): number;
  stations(): number;
  waitingBytes(): number;
  waitingReports(): number;
  waitingUpgrades(): number;
  pingAgeSeconds(): number;
}

type Total = { counter: Counter; label: string; counts: Map<string, number> };

/**
 * The gateway's metrics. What is counted for each message is added up in plain numbers and handed to Prometheus
 * by `flush`, once a second: a labelled counter costs as much as a Heartbeat's parsing.
 */
export class GatewayMetrics {
  readonly #totals: Total[] = [];
  readonly #messages: Map<string, number>;
  readonly #answers: Map<string, number>;
  readonly #hangUps: Counter;
  readonly #refused: Counter;
  readonly #badFrames: Counter;
  readonly #duplicates: Counter;
  readonly #calls: Counter;
  readonly #strayAnswers: Counter;
  readonly #droppedReports: Counter;
  readonly #batches: Counter;
  readonly #batchReports: Histogram;
  readonly #batchSeconds: Histogram;
  readonly #frames: Map<string, number>;
  readonly #takeovers: Counter;
  readonly #flapping: Counter;
  readonly #claims: Counter;

  constructor(metrics: Metrics) {
    const total = (name: string, help: string, label: string) => {
      const counts = new Map<string, number>();
      this.#totals.push({ counter: metrics.counter({ name, help, labels: [label] }), label, counts });
      return counts;
    };
    const counter = (name: string, help: string, ...labels: string[]) => metrics.counter({ name, help, labels });
    this.#messages = total('busbar_gateway_messages_total', 'Messages of stations, by action', 'action');
    this.#answers = total('busbar_gateway_answers_total', 'Answers to stations, by kind', 'kind');
    this.#frames = total('busbar_gateway_recorded_frames_total', 'Frames for the flight recorder', 'outcome');
    this.#hangUps = counter('busbar_gateway_hang_ups_total', 'Connections closed by this gateway', 'reason');
    this.#refused = counter('busbar_gateway_refused_upgrades_total', 'Upgrades refused, by reason', 'reason');
    this.#badFrames = counter('busbar_gateway_bad_frames_total', 'Frames that are no OCPP-J', 'failure');
    this.#duplicates = counter('busbar_gateway_duplicates_total', 'CALLs whose id was used before', 'kind');
    this.#calls = counter('busbar_gateway_calls_total', 'CALLs to stations, by how they ended', 'outcome');
    this.#strayAnswers = counter('busbar_gateway_stray_answers_total', 'Answers that nobody waits for', 'kind');
    this.#droppedReports = counter(
      'busbar_gateway_dropped_reports_total',
      'Reports given up, by what became of whoever waited',
      'service',
      'consequence',
    );
    this.#batches = counter('busbar_gateway_batches_total', 'Batches sent, by outcome', 'service', 'outcome');
    this.#batchReports = metrics.histogram({
      name: 'busbar_gateway_batch_reports',
      help: 'Reports in a batch',
      labels: ['service'],
      buckets: [1, 2, 5, 10, 20, 50, 100, 200],
    });
    this.#batchSeconds = metrics.histogram({
      name: 'busbar_gateway_batch_seconds',
      help: 'From sending a batch to its receipt',
      labels: ['service'],
    });
    this.#takeovers = counter(
      'busbar_gateway_takeovers_total',
      'Connections displaced by a newer one, here or elsewhere',
      'by',
    );
    this.#flapping = counter('busbar_gateway_flapping_total', 'Stations found flapping', 'kind');
    this.#claims = counter('busbar_gateway_claims_total', 'Claims of stations, by where the epoch is from', 'epoch');
  }

  /** The gauges, registered once their sources exist. */
  show(metrics: Metrics, gauges: GatewayGauges): void {
    const gauge = (name: string, help: string, read: () => number) => void metrics.gauge({ name, help, read });
    gauge('busbar_gateway_connections', 'Open connections', gauges.connections);
    gauge('busbar_gateway_stations', 'Stations held by this gateway', gauges.stations);
    gauge('busbar_gateway_waiting_bytes', 'Bytes of messages that wait for their answers', gauges.waitingBytes);
    gauge('busbar_gateway_waiting_reports', 'Reports that wait for their receipts', gauges.waitingReports);
    gauge('busbar_gateway_waiting_upgrades', 'Upgrades that wait for their turn', gauges.waitingUpgrades);
    gauge('busbar_gateway_ping_age_seconds', 'Since this gateway last heard itself', gauges.pingAgeSeconds);
  }

  /** `action` must be a catalogue's word: the label's values are a closed list. */
  message(action: string): void {
    count(this.#messages, action);
  }

  answer(kind: 'result' | 'error' | 'repeated'): void {
    count(this.#answers, kind);
  }

  frame(outcome: 'recorded' | 'dropped' | 'failed'): void {
    count(this.#frames, outcome);
  }

  hangUp(reason: string): void {
    this.#hangUps.inc({ reason });
  }

  refusedUpgrade(reason: string): void {
    this.#refused.inc({ reason });
  }

  badFrame(failure: string): void {
    this.#badFrames.inc({ failure });
  }

  duplicate(kind: 'in-flight' | 'answered' | 'other-content'): void {
    this.#duplicates.inc({ kind });
  }

  call(outcome: string): void {
    this.#calls.inc({ outcome });
  }

  strayAnswer(kind: 'late' | 'unknown-id'): void {
    this.#strayAnswers.inc({ kind });
  }

  droppedReport(service: ReportService, consequence: 'hung-up' | 'answered-with-error' | 'nobody-waited'): void {
    this.#droppedReports.inc({ service, consequence });
  }

  batch(service: ReportService, outcome: string, reports: number, seconds: number): void {
    this.#batches.inc({ service, outcome });
    this.#batchReports.observe({ service }, reports);
    if (outcome === 'answered') this.#batchSeconds.observe({ service }, seconds);
  }

  takeover(by: 'here' | 'from-another' | 'by-another'): void {
    this.#takeovers.inc({ by });
  }

  flapping(kind: 'takeovers' | 'held'): void {
    this.#flapping.inc({ kind });
  }

  claim(epoch: 'directory' | 'own'): void {
    this.#claims.inc({ epoch });
  }

  /** Hands the plain numbers to Prometheus. */
  flush(): void {
    for (const { counter, label, counts } of this.#totals) {
      for (const [value, counted] of counts) {
        if (counted === 0) continue;
        counter.inc({ [label]: value }, counted);
        counts.set(value, 0);
      }
    }
  }
}

function count(counts: Map<string, number>, value: string): void {
  counts.set(value, (counts.get(value) ?? 0) + 1);
}
