import { hash } from 'node:crypto';
import type { Clock } from '@busbar/domain';
import type { Logger } from '@busbar/observability';
import { actionRow, type BadFrame, type CallFrame, parseFrame } from '@busbar/ocpp';
import type { GatewayMetrics } from '../metrics.js';
import type { FlightRecorder } from '../relay/flight-recorder.js';
import type { SignsOfLife } from '../relay/signs-of-life.js';
import type { WaitingBytes } from '../relay/waiting-bytes.js';
import type { Stamp } from '../stamp.js';
import type { CallServer } from './call-server.js';
import { closes } from './close-codes.js';
import type { Connection, PendingCall } from './connection.js';
import { DelayLine } from './delay-line.js';
import type { OurCalls } from './our-calls.js';
import { advancePace, delayMs, type Pace } from './pace.js';
import { mayCall } from './registration-rule.js';
import type { Sender } from './sender.js';

export interface InboundLimits {
  /** Unanswered CALLs of one station; one more closes the connection. */
  callsMax: number;
  /** Bad frames in a row; the last of them closes the connection. // M-07 */
  badFramesMax: number;
  pace: Pace;
  /** A station that is ahead of its soft rate by as much as this is closed, whatever it sends. */
  aheadMsMax: number;
}

export interface InboundParts {
  readonly clock: Clock;
  readonly stamp: Stamp;
  readonly sender: Sender;
  readonly calls: CallServer;
  readonly ourCalls: OurCalls;
  readonly recorder: FlightRecorder;
  readonly signsOfLife: SignsOfLife;
  readonly waiting: WaitingBytes;
  readonly metrics: GatewayMetrics;
  readonly logger: Logger;
  readonly limits: InboundLimits;
}

/**
 * Takes what stations send. The CALLs of one station are served one after the other, in order, each answered
 * before the next begins; stations never wait for one another, and a station's own CALLs never for ours. // M-11, M-12
 */
export class Inbound {
  readonly #delayed: DelayLine<Connection>;

  constructor(private readonly parts: InboundParts) {
    this.#delayed = new DelayLine(parts.clock, (connection) => this.#serve(connection, parts.clock.monotonicMs()));
    parts.calls.onDone = (connection, nowMs) => {
      connection.calls?.shift();
      this.#serve(connection, nowMs);
    };
  }

  /** A whole text message, of bounded length. */
  message(connection: Connection, text: string, nowMs: number): void {
    if (connection.phase === 'fenced') return;
    const tick = this.parts.stamp.tick(nowMs);
    connection.frameTick = tick;
    connection.messageTick = tick;
    this.parts.signsOfLife.note(connection);
    if (connection.phase === 'held') this.#frame(connection, text, nowMs);
    else this.#early(connection, text);
  }

  /** The station is ours now: what came in the meantime is served. */
  held(connection: Connection, nowMs: number): void {
    const texts = connection.early ?? [];
    connection.early = null;
    for (const text of texts) {
      this.parts.waiting.remove(text.length);
      if (connection.phase === 'held') this.#frame(connection, text, nowMs);
    }
  }

  /** The connection is closed. What had not begun is forgotten: the station still has it. */
  closed(connection: Connection): void {
    for (const text of connection.early ?? []) this.parts.waiting.remove(text.length);
    for (const call of connection.calls ?? []) {
      if (call.begun) continue;
      this.parts.waiting.remove(call.bytes);
      this.parts.calls.record(connection, call);
    }
    connection.early = null;
    connection.calls = null;
    connection.answered = null;
  }

  close(): void {
    this.#delayed.close();
  }

  #early(connection: Connection, text: string): void {
    const { sender, waiting, limits } = this.parts;
    connection.early ??= [];
    if (connection.early.length >= limits.callsMax) sender.close(connection, closes.tooManyCalls);
    else if (waiting.add(text.length)) connection.early.push(text);
    else sender.close(connection, closes.overloaded);
  }

  #frame(connection: Connection, text: string, nowMs: number): void {
    const waitMs = this.#pace(connection, nowMs);
    if (waitMs === null) return;
    const frame = parseFrame(text, { version: connection.version, strict: connection.session.strict });
    if (frame.kind === 'bad') {
      this.#bad(connection, frame, nowMs);
      return;
    }
    connection.badFrames = 0;
    if (frame.kind === 'call') this.#call(connection, frame, waitMs, nowMs);
    else this.parts.ourCalls.answered(connection, frame, nowMs);
  }

  /** Counts a message of whatever kind. How long it is to be delayed, or null when the station is closed for it. */
  #pace(connection: Connection, nowMs: number): number | null {
    const { pace, aheadMsMax } = this.parts.limits;
    connection.servedAt = advancePace(pace, connection.servedAt, nowMs);
    if (connection.servedAt - nowMs <= aheadMsMax) return delayMs(pace, connection.servedAt, nowMs);
    this.parts.sender.close(connection, closes.tooFast);
    return null;
  }

  /** Nothing to serve, and often nothing to answer. Log, count, and close after several in a row. // M-06, M-07 */
  #bad(connection: Connection, frame: BadFrame, nowMs: number): void {
    const { metrics, logger, recorder, sender, ourCalls } = this.parts;
    metrics.badFrame(frame.failure);
    logger.debug({ station: connection.session.station, failure: frame.failure }, 'a frame could not be read');
    recorder.incoming(connection, { text: frame.text, messageId: frame.messageId ?? '', action: '' });
    if (frame.messageId !== undefined) ourCalls.broken(connection, frame.messageId, frame.detail); // M-08
    if (frame.answer !== undefined && sender.send(connection, frame.answer, nowMs)) {
      metrics.answer('error');
      recorder.outgoing(connection, { text: frame.answer, messageId: '', action: '' });
    }
    if (frame.failure === 'unknown-type') return; // M-06
    connection.badFrames += 1;
    if (connection.badFrames >= this.parts.limits.badFramesMax) sender.close(connection, closes.malformed);
  }

  #call(connection: Connection, frame: CallFrame, waitMs: number, nowMs: number): void {
    const { metrics, calls } = this.parts;
    const { session } = connection;
    const row = actionRow(connection.version, frame.action);
    metrics.message(row === undefined ? 'unknown' : row.action);
    const idle = connection.calls === null || connection.calls.length === 0;
    // The short way of a plain heartbeat: nothing to look up, nothing to remember, no queue.
    if (idle && waitMs === 0 && row?.answeredBy === 'gateway' && isEmpty(frame.payload)) {
      if (!session.strict && mayCall(session, row, null)) {
        calls.heartbeat(connection, frame, nowMs);
        return;
      }
    }
    this.#enqueue(connection, frame, waitMs, nowMs);
    if (idle) this.#serve(connection, nowMs);
  }

  #enqueue(connection: Connection, frame: CallFrame, waitMs: number, nowMs: number): void {
    const { metrics, limits, sender, waiting } = this.parts;
    connection.calls ??= [];
    const digest = hash('sha1', frame.text, 'base64');
    let unanswered = 1;
    let twin: PendingCall | undefined;
    for (const call of connection.calls) {
      unanswered += 1 + call.joined;
      if (call.frame.messageId !== frame.messageId) continue;
      if (call.digest === digest) twin = call;
      else metrics.duplicate('other-content');
    }
    if (unanswered > limits.callsMax) {
      sender.close(connection, closes.tooManyCalls);
    } else if (twin !== undefined) {
      twin.joined += 1; // M-14: one answer for both
      metrics.duplicate('in-flight');
    } else if (waiting.add(frame.text.length)) {
      connection.calls.push(this.#pending(frame, digest, waitMs, nowMs));
    } else {
      sender.close(connection, closes.overloaded);
    }
  }

  #pending(frame: CallFrame, digest: string, waitMs: number, nowMs: number): PendingCall {
    return {
      frame,
      digest,
      bytes: frame.text.length,
      receivedAt: this.parts.stamp.text(),
      receivedMs: nowMs,
      notBeforeMs: nowMs + waitMs,
      begun: false,
      joined: 0,
    };
  }

  /** Serves the queue until it is empty or its head waits for something. */
  #serve(connection: Connection, nowMs: number): void {
    for (;;) {
      const call = connection.calls?.[0];
      if (call === undefined || call.begun || connection.phase !== 'held') return;
      if (call.notBeforeMs > nowMs) {
        this.#delayed.add(connection, call.notBeforeMs - nowMs);
        return;
      }
      this.parts.calls.begin(connection, call, nowMs);
      // Begun, or the connection was closed, which has settled the whole queue.
      if (call.begun || connection.calls === null) return;
      this.parts.waiting.remove(call.bytes);
      connection.calls.shift();
    }
  }
}

function isEmpty(payload: unknown): boolean {
  if (typeof payload !== 'object' || payload === null || Array.isArray(payload)) return false;
  for (const _ in payload) return false;
  return true;
}
