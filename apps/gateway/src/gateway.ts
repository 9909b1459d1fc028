import type { Directory } from '@busbar/directory';
import { type Clock, defaultTenant, type GatewayId, type IdSource } from '@busbar/domain';
import { type ReceiptBatch, type ReportService, stationOperations } from '@busbar/events';
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
import { AcceptLine } from './handshake/accept-line.js';
import { Authenticator } from './handshake/authenticator.js';
import { FailedAttempts } from './handshake/failed-attempts.js';
import { Flapping } from './handshake/flapping.js';
import { type Engine, Listener } from './handshake/listener.js';
import type { RefusalReason } from './handshake/refusals.js';
import { GatewayMetrics } from './metrics.js';
import { Announcer } from './ownership/announcer.js';
import { Claims } from './ownership/claims.js';
import { Epochs } from './ownership/epochs.js';
import { Fencing } from './ownership/fencing.js';
import { Lease } from './ownership/lease.js';
import { Pulse, type PulseOptions } from './ownership/pulse.js';
import { BusDoors } from './relay/bus-doors.js';
import { CommitPath } from './relay/commit-path.js';
import { FlightRecorder } from './relay/flight-recorder.js';
import { Probes } from './relay/probes.js';
import { type Ask, batchLimits, ReportBatcher } from './relay/report-batcher.js';
import { Reporter } from './relay/reporter.js';
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

const reportServices: readonly ReportService[] = ['stations', 'authorization', 'transactions', 'commands'];
const fenceTimeoutMs = 1000;
const flushMs = 3000;
const closeAtOnce = 500;

/** A gateway: holds stations' connections, from the moment it listens until it is drained. */
export class Gateway {
  readonly #connections = new Connections();
  readonly #batchers: Readonly<Record<ReportService, ReportBatcher>>;
  readonly #commitPath: CommitPath;
  readonly #probes: Probes;
  readonly #pulse: Pulse;
  readonly #sender: Sender;
  readonly #claims: Claims;
  readonly #announcer: Announcer;
  readonly #fencing: Fencing;
  readonly #lease: Lease;
  readonly #inbound: Inbound;
  readonly #ourCalls: OurCalls;
  readonly #acceptLine: AcceptLine;
  readonly #recorder: FlightRecorder;
  readonly #publisher: StreamPublisher;
  readonly #doors: BusDoors;
  readonly #listener: Listener;
  readonly #lag: EventLoopLag;
  readonly #upkeep: Upkeep;
  #draining = false;

  constructor(private readonly parts: GatewayParts) {
    const { id, settings, bus, directory, clock, ids, logger } = parts;
    const times = parts.timings ?? timings;
    const metrics = new GatewayMetrics(parts.metrics);
    const stamp = new Stamp(clock);
    const waiting = new WaitingBytes(settings.waitingBytesMax);
    const connections = this.#connections;

    this.#pulse = new Pulse(clock, times.pulse, { lost: () => this.#lost(), fresh: () => this.#fresh() });
    this.#sender = new Sender(this.#pulse, metrics, logger);
    this.#commitPath = new CommitPath(clock, times.commitPathAwayMs, {
      away: () => this.#commitPathAway(),
      back: () => this.#commitPathBack(),
    });
    const ask: Ask = (service, batch, timeoutMs) =>
      bus.request<ReceiptBatch>(bus.subjects.reports(service), batch, { timeoutMs });
    this.#probes = new Probes(id, ask, this.#commitPath, () => clock.monotonicMs(), ids, logger);

    this.#publisher = new StreamPublisher(bus);
    this.#recorder = new FlightRecorder(this.#publisher, bus.subjects, stamp, metrics, clock);
    const limits = {
      ...batchLimits,
      bytesMax: Math.min(batchLimits.bytesMax, Math.floor(bus.maxPayloadBytes / 2)),
      inFlightMax: settings.batchesInFlight,
    };
    // The batchers answer to the call server, which reports through them.
    const answers = {
      answered: (...told: Parameters<CallServer['answered']>) => calls.answered(...told),
      expired: (...told: Parameters<CallServer['expired']>) => calls.expired(...told),
    };
    const batcher = (service: ReportService) =>
      new ReportBatcher(service, id, ask, answers, this.#commitPath, clock, ids, metrics, logger, limits);
    this.#batchers = {
      stations: batcher('stations'),
      authorization: batcher('authorization'),
      transactions: batcher('transactions'),
      commands: batcher('commands'),
    };
    const reporter = new Reporter(id, this.#batchers, clock, stamp, ids, (notice) => {
      try {
        bus.publish(bus.subjects.tolerated(), notice);
      } catch (error) {
        logger.debug({ err: error }, 'a notice of what was tolerated was not sent');
      }
    });
    const signsOfLife = new SignsOfLife(reporter, stamp);
    const shared = { clock, stamp, connections, sender: this.#sender, reporter, waiting, metrics, logger };
    const calls = new CallServer({ ...shared, recorder: this.#recorder });
    this.#ourCalls = new OurCalls({ ...shared, recorder: this.#recorder });
    this.#inbound = new Inbound({
      ...shared,
      calls,
      ourCalls: this.#ourCalls,
      recorder: this.#recorder,
      signsOfLife,
      limits: { callsMax: settings.callsMax, badFramesMax: 10, pace: paceOf(settings.messagesPerSecond) },
    });
    const liveness = new Liveness(
      connections,
      this.#sender,
      stamp,
      { ...times.liveness, pingEverySeconds: Math.min(times.liveness.pingEverySeconds, settings.pingSeconds) },
      (connection) => calls.ready(connection),
    );

    const flapping = new Flapping(clock, {
      connectsMax: settings.connectsPerMinute,
      takeoversMax: settings.takeoversPerMinute,
      holdMs: times.flappingHoldMs,
    });
    const takenOver = (station: Parameters<Flapping['takenOver']>[0]): void => {
      if (!flapping.takenOver(station)) return;
      metrics.flapping('takeovers');
      const remoteAddress = connections.holder(station)?.remoteAddress;
      logger.error({ station, remoteAddress }, 'connections of one station displace one another');
    };
    this.#fencing = new Fencing(
      {
        ask: (gateway, request) =>
          bus.request(bus.subjects.gatewayFence(gateway), request, { timeoutMs: fenceTimeoutMs }),
        livingGateways: (gateways) => directory.livingGateways(gateways),
      },
      clock,
      logger,
      takenOver,
    );
    this.#claims = new Claims({
      ...shared,
      gateway: id,
      directory,
      epochs: new Epochs(clock),
      fencing: this.#fencing,
      announce: (claim) => this.#publishClaim(claim),
      takenOver,
    });
    this.#announcer = new Announcer(id, directory, connections, this.#claims, logger, times.sweepMs);
    this.#lease = new Lease(id, bus, directory, this.#pulse, this.#announcer, clock, logger, times.pingEveryMs);
    directory.onStatus((available) => {
      if (!available) return;
      void this.#lease.renew();
      this.#announcer.announceAll();
    });
    const lifecycle = new Lifecycle({
      ...shared,
      claims: this.#claims,
      inbound: this.#inbound,
      ourCalls: this.#ourCalls,
      liveness,
    });

    this.#acceptLine = new AcceptLine(clock, {
      perSecond: settings.acceptPerSecond,
      burstMs: 100,
      waitMsMax: settings.acceptWaitMs,
    });
    const authenticator = new Authenticator(
      async (attempts, timeoutMs) => {
        const context = { tenant: defaultTenant, caller: 'gateway', requestId: ids.next<'request'>() };
        const request = { gateway: id, attempts };
        return (await bus.ask(stationOperations.authenticate, request, context, { timeoutMs })).results;
      },
      clock,
      logger,
    );
    this.#listener = new Listener(
      {
        engine: parts.engine,
        clock,
        lifecycle,
        inbound: this.#inbound,
        liveness,
        sender: this.#sender,
        upgrades: {
          clock,
          authenticator,
          acceptLine: this.#acceptLine,
          failedAttempts: new FailedAttempts(clock, settings.failuresPerMinute),
          flapping,
          metrics,
          logger,
          closedFor: () => this.#closedFor(),
        },
      },
      {
        host: settings.listen,
        port: settings.stationsPort,
        frameBytesMax: settings.frameBytesMax,
        unsentBytesMax: settings.unsentBytesMax,
      },
    );
    const sessions = new SessionUpdates(connections, this.#sender);
    this.#doors = new BusDoors({
      gateway: id,
      bus,
      connections,
      ourCalls: this.#ourCalls,
      claims: this.#claims,
      sessions,
      logger,
    });

    this.#lag = measureEventLoopLag(parts.metrics);
    this.#upkeep = new Upkeep(clock, [
      { everyMs: 100, run: (nowMs) => this.#tickReports(nowMs) },
      { everyMs: 500, run: () => this.#acceptLine.adapt(this.#lag.takeMaxMs()) },
      { everyMs: 1000, run: (nowMs) => liveness.sweep(nowMs) },
      { everyMs: 1000, run: () => this.#probes.tick() },
      { everyMs: 1000, run: () => metrics.flush() },
      { everyMs: 1000, run: () => void this.#announcer.sweep() },
      { everyMs: times.seenEveryMs, run: () => signsOfLife.flush() },
    ]);
    metrics.show(parts.metrics, {
      connections: () => connections.count,
      stations: () => connections.held,
      waitingBytes: () => waiting.total,
      waitingReports: () => this.#outstanding(),
      pingAgeSeconds: () => this.#pulse.ageMs / 1000,
    });
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
    this.#acceptLine.close();
    this.#listener.stopAccepting();
    await closeAll(this.#connections, this.#sender, { ...drainLimits, patienceMs: this.parts.settings.drainMs });
    await this.#flushed();
    this.close();
    await this.parts.directory.endLease(this.parts.id).catch((error: unknown) => {
      // It ends by itself within ten seconds.
      this.parts.logger.debug({ err: error }, 'the lease could not be ended');
    });
  }

  /** Ends everything at once. Connections are dropped. */
  close(): void {
    this.#upkeep.stop();
    this.#lease.stop();
    this.#fencing.stop();
    this.#doors.stop();
    this.#acceptLine.close();
    this.#listener.close();
    this.#inbound.close();
    this.#recorder.close();
    this.#publisher.close();
    this.#lag.close();
    for (const service of reportServices) this.#batchers[service].close();
  }

  #closedFor(): RefusalReason | null {
    if (this.#draining) return 'draining';
    if (this.#pulse.lost) return 'bus-lost';
    if (this.#commitPath.away) return 'commit-path';
    return this.#connections.count >= this.parts.stationsMax ? 'full' : null;
  }

  #outstanding(): number {
    let outstanding = 0;
    for (const service of reportServices) outstanding += this.#batchers[service].outstanding;
    return outstanding;
  }

  #tickReports(nowMs: number): void {
    for (const service of reportServices) this.#batchers[service].tick(nowMs);
    this.#commitPath.check(this.#outstanding());
  }

  #commitPathAway(): void {
    const owing = reportServices.filter((service) => this.#batchers[service].outstanding > 0);
    this.#probes.of(owing);
    this.parts.logger.error({ services: owing }, 'nothing can be stored: stations are hung up on and not let in');
  }

  #commitPathBack(): void {
    this.#acceptLine.slowDown();
    this.parts.logger.info('something could be stored again: stations are let in, slowly at first');
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

  #fresh(): void {
    this.#sender.release();
  }

  #publishClaim(claim: Parameters<Claims['heard']>[0]): void {
    try {
      this.parts.bus.publish(this.parts.bus.subjects.claimed(), claim);
    } catch (error) {
      // Without bus and directory nobody can be told; the lease runs out in that case.
      this.parts.logger.debug({ err: error }, 'a claim could not be announced');
    }
  }

  /** Waits a moment for the last reports' receipts and for CALLs to end. */
  async #flushed(): Promise<void> {
    const until = performance.now() + flushMs;
    while (this.#outstanding() > 0 && performance.now() < until)
      await new Promise((resolve) => setTimeout(resolve, 25));
  }
}
