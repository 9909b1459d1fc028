import type { Clock } from '@busbar/domain';
import type { Deviation, OcppVersion, Receipt, ReportService, ReportType } from '@busbar/events';
import type { Logger } from '@busbar/observability';
import {
  type ActionRow,
  actionRow,
  checkCall,
  errorFrame,
  heartbeatAnswer,
  lift,
  lowerAnswer,
  type RpcError,
  resultFrame,
} from '@busbar/ocpp';
import type { GatewayMetrics } from '../metrics.js';
import { consequenceOf, type Delivery, type DeliveryListener } from '../relay/delivery.js';
import type { FlightRecorder } from '../relay/flight-recorder.js';
import type { Reporter } from '../relay/reporter.js';
import type { WaitingBytes } from '../relay/waiting-bytes.js';
import type { Stamp } from '../stamp.js';
import { AnsweredCalls } from './answered-calls.js';
import { closes } from './close-codes.js';
import type { Connection, PendingCall } from './connection.js';
import { mayCall } from './registration-rule.js';
import type { Sender } from './sender.js';

type AnswerReceipt = Extract<Receipt, { answer: unknown }>;

export interface CallServerParts {
  readonly clock: Clock;
  readonly stamp: Stamp;
  readonly sender: Sender;
  /** Asked for late, because the reporter's batchers tell their receipts to this very server. */
  readonly reporter: () => Reporter;
  readonly recorder: FlightRecorder;
  readonly waiting: WaitingBytes;
  readonly metrics: GatewayMetrics;
  readonly logger: Logger;
}

/** Serves one CALL of a station: what is answered here at once, and what a service answers after its commit. */
export class CallServer implements DeliveryListener {
  /** Told when the CALL that a service had to answer is done, so that the station's next one begins. */
  onDone: (connection: Connection, nowMs: number) => void = () => undefined;

  #heartbeatMs = -1;
  #heartbeatVersion: OcppVersion | null = null;
  #heartbeat: Record<string, unknown> = {};

  constructor(private readonly parts: CallServerParts) {}

  /** Answers at once, or sends the report and marks the CALL as begun. */
  begin(connection: Connection, call: PendingCall, nowMs: number): void {
    const { frame } = call;
    const row = actionRow(connection.version, frame.action);
    if (this.#repeat(connection, call, row, nowMs)) return;
    if (!mayCall(connection.session, row, connection.triggered)) {
      this.record(connection, call);
      this.#refuse(connection, call, { code: 'SecurityError', description: 'not accepted yet' }, nowMs);
      return;
    }
    const { strict } = connection.session;
    const checked = checkCall(connection.version, frame.action, frame.payload, { strict, text: frame.text });
    if (!checked.ok) {
      this.record(connection, call);
      this.#refuse(connection, call, checked.error, nowMs);
      return;
    }
    if (row?.answeredBy === 'gateway') {
      this.heartbeat(connection, call.frame, nowMs);
      return;
    }
    const deviations = [...frame.deviations, ...checked.deviations];
    this.record(connection, call, deviations);
    this.#report(connection, call, checked.payload, deviations, nowMs);
  }

  /** Answered here and at once. One that is sent again under its id gets the same time again. */
  heartbeat(connection: Connection, frame: PendingCall['frame'], nowMs: number): void {
    const { recorder, metrics, sender } = this.parts;
    if (connection.lastHeartbeatId !== frame.messageId || connection.lastHeartbeatFrame === null) {
      connection.lastHeartbeatId = frame.messageId;
      connection.lastHeartbeatFrame = resultFrame(frame, this.#heartbeatPayload(connection.version));
    }
    const answer = connection.lastHeartbeatFrame;
    if (connection.session.watchedUntil !== null) {
      const { messageId, action } = frame;
      recorder.incoming(connection, { text: frame.text, messageId, action, bulk: true });
      recorder.outgoing(connection, { text: answer, messageId, action, bulk: true, answerOf: messageId });
    }
    if (!sender.send(connection, answer, nowMs)) return;
    metrics.answer('result');
    if (!connection.ready) this.ready(connection);
  }

  /** The station may be sent CALLs from now on. Reported once per connection. // K-11 */
  ready(connection: Connection): void {
    connection.ready = true;
    this.parts.reporter().own(connection, 'station.ready', { version: connection.version });
  }

  /** A service has answered. A receipt for a connection that is gone has nobody to be told. */
  answered(delivery: Delivery, receipt: Receipt, nowMs: number): void {
    const { waiter, report } = delivery;
    if (waiter === null) return;
    const { connection, call } = waiter;
    this.parts.waiting.remove(call.bytes);
    if (connection.phase === 'fenced' || connection.calls?.[0] !== call) return;
    if ('refused' in receipt) {
      this.#refuse(connection, call, { code: receipt.refused, description: '' }, nowMs);
    } else if ('answer' in receipt) {
      this.#answer(connection, call, report.type, receipt, nowMs);
    }
    this.onDone(connection, nowMs);
  }

  /** No service has answered in time. */
  expired(delivery: Delivery, service: ReportService): void {
    const { waiter, report } = delivery;
    if (waiter === null) {
      this.parts.metrics.droppedReport(service, 'nobody-waited');
      return;
    }
    const { connection, call } = waiter;
    this.parts.waiting.remove(call.bytes);
    if (connection.phase === 'fenced' || connection.calls?.[0] !== call) return;
    if (consequenceOf(report.type) === 'hang-up') {
      this.parts.metrics.droppedReport(service, 'hung-up');
      this.parts.sender.close(connection, closes.notAnswered);
      return;
    }
    this.parts.metrics.droppedReport(service, 'answered-with-error');
    const nowMs = this.parts.clock.monotonicMs();
    this.#refuse(connection, call, { code: 'InternalError', description: '' }, nowMs); // M-22
    this.onDone(connection, nowMs);
  }

  /** For the flight recorder. */
  record(connection: Connection, call: PendingCall, deviations?: readonly Deviation[]): void {
    const { messageId, text, action } = call.frame;
    const bulk = isBulk(actionRow(connection.version, action));
    this.parts.recorder.incoming(connection, { text, messageId, action, at: call.receivedAt, bulk }, deviations);
  }

  /** A CALL that was answered before gets its answer again; another one under a used id is served. // M-15 */
  #repeat(connection: Connection, call: PendingCall, row: ActionRow | undefined, nowMs: number): boolean {
    const known = connection.answered?.find(call.frame.messageId);
    if (known === undefined || row === undefined) return false;
    if (known.digest !== call.digest) {
      this.parts.metrics.duplicate('other-content');
      this.parts.logger.info(
        { station: connection.session.station, messageId: call.frame.messageId },
        'a message id was used again for another message',
      );
      return false;
    }
    this.parts.metrics.duplicate('answered');
    this.record(connection, call);
    this.#send(connection, call, known.frame, 'repeated', nowMs);
    return true;
  }

  /** The same for all heartbeats of a millisecond: formatting the time costs as much as parsing the CALL. */
  #heartbeatPayload(version: OcppVersion): Record<string, unknown> {
    const now = this.parts.clock.now();
    if (now.getTime() !== this.#heartbeatMs || version !== this.#heartbeatVersion) {
      this.#heartbeatMs = now.getTime();
      this.#heartbeatVersion = version;
      this.#heartbeat = heartbeatAnswer(version, { now });
    }
    return this.#heartbeat;
  }

  #report(
    connection: Connection,
    call: PendingCall,
    payload: Record<string, unknown>,
    deviations: readonly Deviation[],
    nowMs: number,
  ): void {
    const { action, text } = call.frame;
    try {
      const lifted = lift(connection.version, action, payload, { receivedAt: call.receivedAt, text, deviations });
      call.begun = true;
      this.parts.reporter().station(connection, call, lifted);
    } catch (error) {
      call.begun = false;
      this.parts.logger.error({ err: error, action }, 'a message that passed could not be lifted');
      this.#refuse(connection, call, { code: 'InternalError', description: '' }, nowMs);
    }
  }

  #answer(connection: Connection, call: PendingCall, type: ReportType, receipt: AnswerReceipt, nowMs: number): void {
    const { clock, logger } = this.parts;
    let payload: Record<string, unknown>;
    try {
      payload = lowerAnswer(connection.version, call.frame.action, type, receipt.answer, { now: clock.now() });
    } catch (error) {
      logger.error({ err: error, type }, 'a receipt could not be lowered');
      this.#refuse(connection, call, { code: 'InternalError', description: '' }, nowMs);
      return;
    }
    if (type === 'station.booted') booted(connection, receipt);
    const text = resultFrame(call.frame, payload);
    if (!this.#send(connection, call, text, 'result', nowMs)) return;
    connection.answered ??= new AnsweredCalls();
    connection.answered.remember(call.frame.messageId, call.digest, text);
    if (!connection.ready) this.ready(connection);
  }

  /** Not remembered: the same message may be taken when it comes again. */
  #refuse(connection: Connection, call: PendingCall, error: RpcError, nowMs: number): void {
    this.#send(connection, call, errorFrame(connection.version, call.frame, error), 'error', nowMs);
  }

  #send(
    connection: Connection,
    call: PendingCall,
    text: string,
    kind: 'result' | 'error' | 'repeated',
    nowMs: number,
  ): boolean {
    if (!this.parts.sender.send(connection, text, nowMs)) return false;
    this.parts.metrics.answer(kind);
    const { messageId, action } = call.frame;
    const bulk = isBulk(actionRow(connection.version, action));
    const latencyMs = Math.round(nowMs - call.receivedMs);
    this.parts.recorder.outgoing(connection, { text, messageId, action, bulk, answerOf: messageId, latencyMs });
    return true;
  }
}

/** Frames that are recorded only while the station is watched. */
function isBulk(row: ActionRow | undefined): boolean {
  return row?.answeredBy === 'gateway' || row?.report === 'meter.sampled';
}

/** What the station is told now holds for its next message; a service's `session.update` may have said it already. */
function booted(connection: Connection, receipt: AnswerReceipt): void {
  const { answer } = receipt;
  if (!('status' in answer && 'intervalSeconds' in answer)) return;
  const { session } = connection;
  session.registration = answer.status;
  if (answer.status !== 'accepted') return;
  session.everAccepted = true;
  if (answer.intervalSeconds > 0) session.heartbeatIntervalSeconds = answer.intervalSeconds;
}
