import type { Clock } from '@busbar/domain';
import type { Deviation, RecordedFrame, Subjects } from '@busbar/events';
import type { StreamPublisher } from '@busbar/messaging';
import type { Connection } from '../connection/connection.js';
import type { GatewayMetrics } from '../metrics.js';
import type { Stamp } from '../stamp.js';
import { maskFrame } from './mask-frame.js';

const bytesMax = 16 * 1024 * 1024;
const perTurn = 200;
/** Leaves room below the publisher's own bound, where a refusal costs more than the frame. */
const inFlightMax = 4000;
/** After so many failures in a row the stream is away: nothing is tried for a while. */
const failuresMax = 20;
const pauseMs = 1000;

export interface FrameToRecord {
  text: string;
  messageId: string;
  action: string;
  /** Recorded only while the station is watched: heartbeats and meter values. */
  bulk?: boolean;
  answerOf?: string;
  latencyMs?: number;
}

interface Recorded {
  connection: Connection;
  direction: 'in' | 'out';
  at: string;
  text: string;
  messageId: string;
  action: string;
  answerOf: string | undefined;
  latencyMs: number | undefined;
  deviations: readonly Deviation[] | undefined;
}

/**
 * Copies raw frames to the stream. What happens here holds up no answer: frames are put aside and published when
 * the turn of the loop is over, and what does not fit the buffer or the stream is dropped and counted.
 */
export class FlightRecorder {
  #waiting: Recorded[] = [];
  #bytes = 0;
  #immediate: NodeJS.Immediate | null = null;
  #failures = 0;
  #pausedUntil = 0;

  constructor(
    private readonly publisher: Pick<StreamPublisher, 'publish' | 'inFlight'>,
    private readonly subjects: Subjects,
    private readonly stamp: Stamp,
    private readonly metrics: GatewayMetrics,
    private readonly clock: Clock,
  ) {}

  /** A frame of the station. */
  incoming(connection: Connection, frame: FrameToRecord & { at?: string }, deviations?: readonly Deviation[]): void {
    if (frame.bulk && !watched(connection, this.stamp.text())) return;
    this.#add({
      connection,
      direction: 'in',
      at: frame.at ?? this.stamp.text(),
      text: frame.text,
      messageId: frame.messageId,
      action: frame.action,
      answerOf: frame.answerOf,
      latencyMs: frame.latencyMs,
      deviations: deviations?.length === 0 ? undefined : deviations,
    });
  }

  /** A frame of ours. */
  outgoing(connection: Connection, frame: FrameToRecord): void {
    if (frame.bulk && !watched(connection, this.stamp.text())) return;
    this.#add({
      connection,
      direction: 'out',
      at: this.stamp.text(),
      text: frame.text,
      messageId: frame.messageId,
      action: frame.action,
      answerOf: frame.answerOf,
      latencyMs: frame.latencyMs,
      deviations: undefined,
    });
  }

  close(): void {
    if (this.#immediate) clearImmediate(this.#immediate);
    this.#immediate = null;
    this.#waiting = [];
    this.#bytes = 0;
  }

  #add(recorded: Recorded): void {
    if (this.#bytes + recorded.text.length > bytesMax) {
      this.metrics.frame('dropped');
      return;
    }
    this.#waiting.push(recorded);
    this.#bytes += recorded.text.length;
    this.#immediate ??= setImmediate(this.#publish);
  }

  /** A few at a time, so that sockets are served in between. */
  readonly #publish = (): void => {
    this.#immediate = null;
    const now = this.#waiting.length > perTurn ? this.#waiting.splice(0, perTurn) : this.#waiting;
    if (now === this.#waiting) this.#waiting = [];
    const paused = this.clock.monotonicMs() < this.#pausedUntil;
    for (const recorded of now) {
      this.#bytes -= recorded.text.length;
      if (paused || this.publisher.inFlight >= inFlightMax) this.metrics.frame('dropped');
      else this.#store(recorded);
    }
    if (this.#waiting.length > 0) this.#immediate = setImmediate(this.#publish);
  };

  #store(recorded: Recorded): void {
    const subject = this.subjects.frames(recorded.connection.session.station);
    this.publisher.publish(subject, row(recorded)).then(this.#stored, this.#failed);
  }

  readonly #stored = (): void => {
    this.#failures = 0;
    this.metrics.frame('recorded');
  };

  /** The stream is full, absent or away: the recorder forgets, the station is served. */
  readonly #failed = (): void => {
    this.metrics.frame('failed');
    this.#failures += 1;
    if (this.#failures >= failuresMax) this.#pausedUntil = this.clock.monotonicMs() + pauseMs;
  };
}

function watched(connection: Connection, now: string): boolean {
  const { watchedUntil } = connection.session;
  return watchedUntil !== null && watchedUntil > now;
}

function row(recorded: Recorded): RecordedFrame {
  const { connection, at, direction, messageId, action, answerOf, latencyMs, deviations } = recorded;
  return {
    station: connection.session.station,
    at,
    direction,
    messageId,
    action,
    frame: maskFrame(recorded.text),
    ...(answerOf === undefined ? {} : { answerOf }),
    ...(latencyMs === undefined ? {} : { latencyMs }),
    ...(deviations === undefined ? {} : { deviations: [...deviations] }),
  };
}
