import type { Directory } from '@busbar/directory';
import type { Clock, GatewayId, IdSource } from '@busbar/domain';
import { type Bus, StreamPublisher } from '@busbar/messaging';
import { type EventLoopLag, type Logger, type Metrics, measureEventLoopLag } from '@busbar/observability';
import { CallServer } from './connection/call-server.js';
import { closes } from './connection/close-codes.js';
import { Connections } from './connection/connections.js';
import { Inbound } from './connection/inbound.js';
import { Lifecycle } from './connection/lifecycle.js';
import { Liveness, type LivenessLimits, livenessLimits } from './connection/liveness.js';
import { OurCalls } from './connection/our-calls.js';
import { paceOf } from './connection/pace.js';
import { Sender } from './connection/sender.js';
import { closeAll, drainLimits } from './drain.js';
import { Entrance } from './handshake/entrance.js';
import { type Engine, Listener } from './handshake/listener.js';
import type { RefusalReason } from './handshake/refusals.js';
import { GatewayMetrics } from './metrics.js';
import { Ownership } from './ownership/ownership.js';
import { Pulse, type PulseOptions } from './ownership/pulse.js';
import { BusDoors } from './relay/bus-doors.js';
import { ConnectedAgain } from './relay/connected-again.js';
import { FlightRecorder } from './relay/flight-recorder.js';
import { Reports } from './relay/reports.js';
import { SessionUpdates } from './relay/session-updates.js';
import { SignsOfLife } from './relay/signs-of-life.js';
import { WaitingBytes } from './relay/waiting-bytes.js';
import type { GatewaySettings } from './settings.js';
import { Stamp } from './stamp.js';
import { Upkeep } from './upkeep.js';

/** Times that are the design's, not an operator's. Tests shorten them. */
export interface Timings {
  pulse: PulseOptions;
  pingEveryMs: number;
  liveness: LivenessLimits;
  commitPathAwayMs: number;
  /** How often signs of life are reported. */
  seenEveryMs: number;
  sweepMs: number;
  flappingHoldMs: number;
}

export const timings: Timings = {
  pulse: { holdAfterMs: 10_000, lostAfterMs: 20_000, stallMs: 1500 },
  pingEveryMs: 3000,
  liveness: livenessLimits,
  commitPathAwayMs: 8000,
  seenEveryMs: 10_000,
  sweepMs: 120_000,
  flappingHoldMs: 60_000,
};

/** What a gateway is built from. */
export interface GatewayParts {
  readonly id: GatewayId;
  readonly settings: GatewaySettings;
  /** How many stations may be connected. */
  readonly stationsMax: number;
  readonly engine: Engine;
  readonly bus: Bus;
  readonly directory: Directory;
  readonly clock: Clock;
  readonly ids: IdSource;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly timings?: Timings;
}

const closeAtOnce = 500;
const badFramesMax = 10;
const aheadMsMax = 30_000;

/** A gateway: holds stations' connections, from the moment it listens until it is drained. */
export class Gateway {
  readonly #connections = new Connections();
  readonly #waiting: WaitingBytes;
  readonly #metrics: GatewayMetrics;
  readonly #pulse: Pulse;
  readonly #sender: Sender;
  readonly #publisher: StreamPublisher;
  readonly #recorder: FlightRecorder;
  readonly #calls: CallServer;
  readonly #reports: Reports;
  readonly #ourCalls: OurCalls;
  readonly #entrance: Entrance;
  readonly #ownership: Ownership;
  readonly #inbound: Inbound;
  readonly #liveness: Liveness;
  readonly #listener: Listener;
  readonly #doors: BusDoors;
  readonly #lag: EventLoopLag;
  readonly #upkeep: Upkeep;
  #draining = false;

  constructor(private readonly parts: GatewayParts) {
    const { id: gateway, settings, bus, directory, clock, ids, logger } = parts;
    const times = parts.timings ?? timings;
    const metrics = new GatewayMetrics(parts.metrics);
    const stamp = new Stamp(clock);
    const connections = this.#connections;
    const waiting = new WaitingBytes(settings.waitingBytesMax);
    this.#waiting = waiting;
    this.#metrics = metrics;

    const pulse = new Pulse(clock, times.pulse, { lost: () => this.#lost(), fresh: () => this.#sender.release() });
    this.#pulse = pulse;
    const sender = new Sender(pulse, metrics, logger);
    this.#sender = sender;
    this.#publisher = new StreamPublisher(bus);
    const recorder = new FlightRecorder(this.#publisher, bus.subjects, stamp, metrics, clock);
    this.#recorder = recorder;

    const base = { gateway, settings, bus, directory, connections, pulse, sender, clock, stamp, ids, metrics, logger };
    const calls = new CallServer({ ...base, recorder, waiting, reporter: () => this.#reports.reporter });
    this.#calls = calls;
    const { batchesInFlight } = settings;
    this.#reports = new Reports({ ...times, ...base, batchesInFlight, back: () => this.#entrance.slowDown() }, calls);
    const { reporter } = this.#reports;
    const ourCalls = new OurCalls({ ...base, reporter, recorder });
    this.#ourCalls = ourCalls;

    const connectedAgain = new ConnectedAgain(connections, reporter);
    this.#entrance = new Entrance({ ...times, ...base, closedFor: () => this.#closedFor() });
    const { upgrades } = this.#entrance;
    this.#ownership = new Ownership({
      ...times,
      ...base,
      leaseWasGone: () => connectedAgain.begin(),
      takenOver: (station) => this.#entrance.takenOver(station),
    });
    const { claims } = this.#ownership;

    const signsOfLife = new SignsOfLife(reporter, stamp);
    const pace = paceOf(settings.messagesPerSecond);
    const limits = { callsMax: settings.callsMax, badFramesMax, pace, aheadMsMax };
    const inbound = new Inbound({ ...base, calls, ourCalls, recorder, signsOfLife, waiting, limits });
    this.#inbound = inbound;
    const liveness = this.#livenessOf(times.liveness, stamp);
    this.#liveness = liveness;
    const lifecycle = new Lifecycle({ ...base, claims, inbound, ourCalls, liveness, reporter });
    this.#listener = new Listener(
      { engine: parts.engine, clock, upgrades, lifecycle, inbound, liveness, sender },
      { ...settings, host: settings.listen, port: settings.stationsPort },
    );
    this.#doors = new BusDoors({ ...base, ourCalls, claims, sessions: new SessionUpdates(connections, sender) });
    this.#lag = measureEventLoopLag(parts.metrics);
    this.#upkeep = this.#upkeepOf(signsOfLife, connectedAgain, times.seenEveryMs);
    this.#showGauges();
  }

  /** Opens the stations' port and says which it is. Throws `StartFailure`. */
  listen(): Promise<number> {
    return this.#listener.listen();
  }

  /** Throws what keeps this gateway from taking stations; for readiness. */
  check(): void {
    const reason = this.#closedFor();
    if (reason !== null) throw new Error(reason);
  }

  /**
   * Stops accepting, lets what is on its way come to its end, closes all connections at an even pace, gives up the
   * stations and the lease. Resolves within 30 s; the bus and the directory may be closed then.
   */
  async drain(): Promise<void> {
    this.#draining = true;
    this.#ourCalls.drain();
    this.#entrance.close();
    this.#listener.stopAccepting();
    await closeAll(this.#connections, this.#sender, { ...drainLimits, patienceMs: this.parts.settings.drainMs });
    await this.#reports.flushed();
    this.close();
    await this.#ownership.end();
  }

  /** Ends everything at once. Connections are dropped. */
  close(): void {
    this.#draining = true;
    this.#upkeep.stop();
    this.#ownership.close();
    this.#doors.stop();
    this.#entrance.close();
    this.#listener.close();
    this.#inbound.close();
    this.#reports.close();
    this.#recorder.close();
    this.#publisher.close();
    this.#lag.close();
  }

  #closedFor(): RefusalReason | null {
    if (this.#draining) return 'draining';
    if (this.#pulse.lost) return 'bus-lost';
    if (this.#reports.away) return 'commit-path';
    return this.#connections.count >= this.parts.stationsMax ? 'full' : null;
  }

  /** Others may hold our stations by now. All are fenced before anything else happens, then closed in parts. */
  #lost(): void {
    this.parts.logger.error('this gateway does not hear itself over the bus: it lets all its stations go');
    this.#sender.discard();
    const connections = [...this.#connections.all];
    for (const connection of connections) this.#sender.fence(connection);
    const closePart = (): void => {
      for (const connection of connections.splice(0, closeAtOnce)) this.#sender.close(connection, closes.ownershipLost);
      if (connections.length > 0) setImmediate(closePart);
    };
    setImmediate(closePart);
  }

  #livenessOf(limits: LivenessLimits, stamp: Stamp): Liveness {
    const pingEverySeconds = Math.min(limits.pingEverySeconds, this.parts.settings.pingSeconds);
    const ready = this.#calls.ready.bind(this.#calls);
    return new Liveness(this.#connections, this.#sender, stamp, { ...limits, pingEverySeconds }, ready);
  }

  #upkeepOf(signsOfLife: SignsOfLife, connectedAgain: ConnectedAgain, seenEveryMs: number): Upkeep {
    return new Upkeep(this.parts.clock, [
      { everyMs: 100, run: (nowMs) => this.#reports.tick(nowMs) },
      { everyMs: 100, run: () => connectedAgain.tick() },
      { everyMs: 500, run: () => this.#entrance.adapt(this.#lag.takeMaxMs()) },
      { everyMs: 1000, run: (nowMs) => this.#liveness.sweep(nowMs) },
      { everyMs: 1000, run: () => this.#reports.probe() },
      { everyMs: 1000, run: () => this.#ownership.sweep() },
      { everyMs: 1000, run: () => this.#metrics.flush() },
      { everyMs: seenEveryMs, run: () => signsOfLife.flush() },
    ]);
  }

  #showGauges(): void {
    this.#metrics.show(this.parts.metrics, {
      connections: () => this.#connections.count,
      stations: () => this.#connections.held,
      waitingBytes: () => this.#waiting.total,
      waitingReports: () => this.#reports.outstanding,
      waitingUpgrades: () => this.#entrance.waiting,
      pingAgeSeconds: () => this.#pulse.ageMs / 1000,
    });
  }
}
