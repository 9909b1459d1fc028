import { Latencies } from './latencies.js';
import { heartbeat, meterValues } from './messages.js';
import { RawWebSocket, textFrame, upgradeHead } from './web-socket.js';

/** What a generator process is asked to do: over its IPC channel, one order. */
export interface Order {
  port: number;
  /** The path before the identity, `/ocpp/`. */
  path: string;
  stations: { identity: string; key?: string }[];
  message: 'heartbeat' | 'meter-values' | 'none';
  /** Connections opened per second. */
  connectsPerSecond: number;
  warmUpMs: number;
  measureMs: number;
}

/** What it found. */
export interface Findings {
  connected: number;
  refused: Record<string, number>;
  closed: number;
  /** Milliseconds from the first connect to the last answered boot. */
  bootedAfterMs: number;
  answered: number;
  errors: number;
  latencies: number[];
  measuredMs: number;
  /** Processor seconds of this process while it measured. */
  cpuSeconds: number;
}

const boot = textFrame(
  '[2,"boot","BootNotification",{"chargePointVendor":"Busbar","chargePointModel":"Load generator"}]',
);

/** One generator: many stations on raw sockets, each with at most one CALL outstanding, as OCPP asks. */
class Generator {
  readonly #latencies = new Latencies();
  readonly #sockets: RawWebSocket[] = [];
  readonly #refused: Record<string, number> = {};
  #connected = 0;
  #booted = 0;
  #closed = 0;
  #errors = 0;
  #number = 0;
  #measuring = false;
  #stopped = false;
  #startedAt = 0;
  #bootedAfterMs = 0;
  #allBooted: () => void = () => undefined;

  constructor(private readonly order: Order) {}

  async run(): Promise<Findings> {
    this.#startedAt = performance.now();
    const booted = new Promise<void>((resolve) => {
      this.#allBooted = resolve;
    });
    for (const [at, station] of this.order.stations.entries()) {
      const due = this.#startedAt + (at * 1000) / this.order.connectsPerSecond;
      const early = due - performance.now();
      if (early > 2) {
        await new Promise((resolve) => setTimeout(resolve, early));
      }
      this.#connect(station);
    }
    await booted;
    process.send?.({ booted: true });
    await pause(this.order.warmUpMs);
    const cpu = process.cpuUsage();
    const from = performance.now();
    this.#measuring = true;
    await pause(this.order.measureMs);
    this.#measuring = false;
    const used = process.cpuUsage(cpu);
    const measuredMs = performance.now() - from;
    const findings = this.#findings(measuredMs, (used.user + used.system) / 1e6);
    return findings;
  }

  stop(): void {
    this.#stopped = true;
    for (const socket of this.#sockets) {
      socket.destroy();
    }
  }

  #connect(station: { identity: string; key?: string }): void {
    const call = this.order.message === 'meter-values' ? meterValues(new Date()) : heartbeat();
    const head = upgradeHead({
      host: `127.0.0.1:${this.order.port}`,
      path: this.order.path + encodeURIComponent(station.identity),
      ...(station.key === undefined ? {} : { user: station.identity, password: Buffer.from(station.key, 'hex') }),
    });
    let sentAt = 0;
    let opened = false;
    let booted = false;
    const socket = new RawWebSocket(this.order.port, head, {
      onOpen: () => {
        opened = true;
        this.#connected += 1;
        socket.send(boot);
      },
      onText: (payload) => {
        if (payload[1] === 0x32) {
          socket.send(acceptance(payload));
          return;
        }
        if (payload[1] !== 0x33) {
          this.#errors += 1;
        }
        if (!booted) {
          booted = true;
          this.#bootedOne();
        } else if (this.#measuring) {
          this.#latencies.record(performance.now() - sentAt);
        }
        if (this.order.message !== 'none' && !this.#stopped) {
          this.#number += 1;
          call.renew(this.#number);
          sentAt = performance.now();
          socket.send(call.frame);
        }
      },
      onClose: (status) => {
        if (this.#stopped) {
          return;
        }
        if (opened) {
          this.#closed += 1;
        } else {
          this.#refused[status] = (this.#refused[status] ?? 0) + 1;
          setTimeout(() => this.#connect(station), 200 + Math.random() * 800);
        }
      },
    });
    this.#sockets.push(socket);
  }

  #bootedOne(): void {
    this.#booted += 1;
    if (this.#booted === this.order.stations.length) {
      this.#bootedAfterMs = performance.now() - this.#startedAt;
      this.#allBooted();
    }
  }

  #findings(measuredMs: number, cpuSeconds: number): Findings {
    return {
      connected: this.#connected,
      refused: this.#refused,
      closed: this.#closed,
      bootedAfterMs: this.#bootedAfterMs,
      answered: this.#latencies.total,
      errors: this.#errors,
      latencies: this.#latencies.counts,
      measuredMs,
      cpuSeconds,
    };
  }
}

/** A CALL of the central system is accepted, whatever it asks. */
function acceptance(call: Buffer): Buffer {
  const id = call.subarray(3, call.indexOf(',', 3)).toString('latin1');
  return textFrame(`[3,${id},{"status":"Accepted"}]`);
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

process.once('message', (order: Order) => {
  const generator = new Generator(order);
  void generator.run().then((findings) => process.send?.({ findings }));
  process.on('message', () => {
    generator.stop();
    process.disconnect();
  });
});
