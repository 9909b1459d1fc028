import type { Clock, CommandId } from '@busbar/domain';
import type { CallEnding, CallReply, CallRequest, NotWritten } from '@busbar/events';
import type { Logger } from '@busbar/observability';
import { callFrame, checkResult, type ErrorFrame, type ResultFrame } from '@busbar/ocpp';
import type { GatewayMetrics } from '../metrics.js';
import type { FlightRecorder } from '../relay/flight-recorder.js';
import type { Reporter } from '../relay/reporter.js';
import type { Stamp } from '../stamp.js';
import type { Connection, OutstandingCall } from './connection.js';
import type { Connections } from './connections.js';
import { triggeredBy } from './registration-rule.js';
import type { Sender } from './sender.js';

const timedOutMax = 64;
const timeoutMsMax = 600_000;

export interface OurCallsParts {
  readonly clock: Clock;
  readonly stamp: Stamp;
  readonly connections: Connections;
  readonly sender: Sender;
  readonly reporter: Reporter;
  readonly recorder: FlightRecorder;
  readonly metrics: GatewayMetrics;
  readonly logger: Logger;
}

/**
 * The CALLs that we send. At most one is outstanding on a connection; each is written at most once, and each that
 * was written ends exactly once: with the station's answer, a bad one, the time-out, or the end of the connection.
 * The ending goes to whoever asked and, as a report, to the service, should whoever asked be gone by then.
 */
export class OurCalls {
  #draining = false;
  #outstanding = 0;

  constructor(private readonly parts: OurCallsParts) {}

  /** CALLs that wait for a station's answer. */
  get outstanding(): number {
    return this.#outstanding;
  }

  /** From now on nothing is written. */
  drain(): void {
    this.#draining = true;
  }

  /** Writes the CALL and waits for its end, or says why nothing was written. */
  request(request: CallRequest): Promise<CallReply> {
    const nowMs = this.parts.clock.monotonicMs();
    const connection = this.parts.connections.holder(request.station);
    const obstacle = this.#obstacle(connection, request);
    if (connection === undefined || obstacle !== null) return notWritten(this.parts.metrics, obstacle);
    const text = callFrame(request.messageId, request.action, request.payload);
    if (!this.parts.sender.sendNow(connection, text, nowMs)) return notWritten(this.parts.metrics, 'not-connected');
    return new Promise((resolve) => this.#written(connection, request, text, nowMs, resolve));
  }

  /** The station's answer to one of our CALLs, or to none of them. */
  answered(connection: Connection, frame: ResultFrame | ErrorFrame, nowMs: number): void {
    const { outstanding } = connection;
    if (outstanding?.messageId === frame.messageId) {
      this.#record(connection, frame.text, outstanding, nowMs);
      this.#end(connection, outstanding, endingOf(connection, frame, outstanding.action));
      return;
    }
    const late = connection.timedOut?.get(frame.messageId);
    this.parts.recorder.incoming(connection, {
      text: frame.text,
      messageId: frame.messageId,
      action: late?.action ?? '',
      answerOf: frame.messageId,
    });
    if (late === undefined) {
      this.#stray(connection, frame.messageId); // M-09
      return;
    }
    connection.timedOut?.delete(frame.messageId);
    this.parts.metrics.strayAnswer('late');
    this.#report(
      connection,
      late.command,
      frame.messageId,
      late.action,
      endingOf(connection, frame, late.action),
      true,
    );
  }

  /** An answer that can't be read, to the CALL of this id. It ends now and not after its time-out. // M-08 */
  broken(connection: Connection, messageId: string, detail: string): void {
    const { outstanding } = connection;
    if (outstanding?.messageId !== messageId) {
      this.#stray(connection, messageId);
      return;
    }
    this.parts.logger.info({ station: connection.session.station, detail }, 'a station gave a bad answer');
    this.#end(connection, outstanding, { kind: 'bad-response', detail });
  }

  /** The connection is gone, and with it the answer. // K-08 */
  closed(connection: Connection): void {
    const { outstanding } = connection;
    if (outstanding !== null) this.#end(connection, outstanding, { kind: 'connection-lost' });
  }

  #obstacle(connection: Connection | undefined, request: CallRequest): NotWritten | null {
    if (this.#draining) return 'draining';
    if (connection === undefined || connection.phase !== 'held') return 'not-connected';
    if (connection.epoch !== request.epoch || connection.version !== request.version) return 'stale-route';
    if (!connection.ready) return 'not-ready';
    if (connection.outstanding !== null) return 'busy'; // M-10
    return this.parts.clock.now().getTime() > Date.parse(request.sendBy) ? 'too-late' : null;
  }

  #written(
    connection: Connection,
    request: CallRequest,
    text: string,
    nowMs: number,
    resolve: (reply: CallReply) => void,
  ): void {
    const { command, messageId, action } = request;
    const sentAt = this.parts.stamp.text();
    const timeoutMs = Math.min(timeoutMsMax, Math.max(1, request.timeoutMs));
    const call: OutstandingCall = {
      command,
      messageId,
      action,
      sentMs: nowMs,
      timer: setTimeout(() => this.#timedOut(connection, call), timeoutMs),
      end: (ending, endedAt) => resolve({ written: true, sentAt, endedAt, ending }),
    };
    connection.outstanding = call;
    connection.triggered = triggeredBy(request.payload, action) ?? connection.triggered;
    this.#outstanding += 1;
    this.parts.recorder.outgoing(connection, { text, messageId, action });
    this.parts.reporter.own(connection, 'call.written', { command, messageId }, { action, messageId });
  }

  #timedOut(connection: Connection, call: OutstandingCall): void {
    connection.timedOut ??= new Map();
    connection.timedOut.set(call.messageId, { command: call.command, action: call.action });
    for (const oldest of connection.timedOut.keys()) {
      if (connection.timedOut.size <= timedOutMax) break;
      connection.timedOut.delete(oldest);
    }
    this.#end(connection, call, { kind: 'timed-out' });
  }

  /** The slot is free before anyone is told, so that the next CALL may follow at once. */
  #end(connection: Connection, call: OutstandingCall, ending: CallEnding): void {
    connection.outstanding = null;
    this.#outstanding -= 1;
    clearTimeout(call.timer);
    this.parts.metrics.call(ending.kind);
    this.#report(connection, call.command, call.messageId, call.action, ending, false);
    call.end(ending, this.parts.stamp.text());
  }

  #report(
    connection: Connection,
    command: CommandId,
    messageId: string,
    action: string,
    ending: CallEnding,
    late: boolean,
  ): void {
    this.parts.reporter.own(connection, 'call.ended', { command, messageId, ending, late }, { action, messageId });
  }

  #record(connection: Connection, text: string, call: OutstandingCall, nowMs: number): void {
    const { messageId, action } = call;
    const latencyMs = Math.round(nowMs - call.sentMs);
    this.parts.recorder.incoming(connection, { text, messageId, action, answerOf: messageId, latencyMs });
  }

  #stray(connection: Connection, messageId: string): void {
    this.parts.metrics.strayAnswer('unknown-id');
    this.parts.logger.debug({ station: connection.session.station, messageId }, 'an answer that nobody waits for');
  }
}

function notWritten(metrics: GatewayMetrics, obstacle: NotWritten | null): Promise<CallReply> {
  const reason = obstacle ?? 'not-connected';
  metrics.call(reason);
  return Promise.resolve({ written: false, reason });
}

function endingOf(connection: Connection, frame: ResultFrame | ErrorFrame, action: string): CallEnding {
  if (frame.kind === 'error') {
    return { kind: 'error', code: frame.code, description: frame.description, details: frame.details };
  }
  const { strict } = connection.session;
  const checked = checkResult(connection.version, action, frame.payload, { strict, text: frame.text });
  if (!checked.ok) return { kind: 'bad-response', detail: checked.detail };
  const deviations = [...frame.deviations, ...checked.deviations];
  return { kind: 'result', payload: checked.payload, ...(deviations.length === 0 ? {} : { deviations }) };
}
