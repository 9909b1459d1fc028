import type { CommandId } from '@busbar/domain';
import type { CallEnding, OcppVersion, StationSession } from '@busbar/events';
import type { CallFrame } from '@busbar/ocpp';
import type { AnsweredCalls } from './answered-calls.js';

/** What a connection needs of its socket; the engine's WebSocket is one. */
export interface StationSocket {
  /** 0 queued, 1 sent, 2 dropped because too much is unsent. */
  send(message: string, isBinary?: boolean): number;
  ping(): number;
  end(code?: number, reason?: string): unknown;
  /** Drops the socket without a close frame. */
  close(): unknown;
}

/** A CALL of the station that has not been answered. */
export interface PendingCall {
  readonly frame: CallFrame;
  /** Of the whole frame; tells a retransmission from another message that reuses the id. */
  readonly digest: string;
  readonly bytes: number;
  /** RFC 3339. */
  readonly receivedAt: string;
  /** Monotonic. */
  readonly receivedMs: number;
  /** Monotonic. Not served before, because the station is over its soft rate. */
  readonly notBeforeMs: number;
  /** Its report is on its way; the bytes are accounted for until it is done. */
  begun: boolean;
  /** Retransmissions that share its answer. */
  joined: number;
}

/** A CALL of ours that waits for the station's answer. */
export interface OutstandingCall {
  readonly command: CommandId;
  readonly messageId: string;
  readonly action: string;
  /** Monotonic. */
  readonly sentMs: number;
  readonly timer: NodeJS.Timeout;
  readonly end: (ending: CallEnding, endedAt: string) => void;
}

/**
 * - `claiming`: open, but the directory has not said which epoch it is; messages wait
 * - `held`: ours
 * - `fenced`: nothing is sent any more and nothing that comes counts; the close follows
 */
export type Phase = 'claiming' | 'held' | 'fenced';

/**
 * One station's connection. There is one of these per station, most of them idle, so it holds little, and what
 * is rarely used is made when it is needed. Changed only by the classes beside it.
 */
export class Connection {
  phase: Phase = 'claiming';
  /** Null once the socket is closed. */
  socket: StationSocket | null = null;
  /** 0 until claimed. */
  epoch = 0;
  /** Of the last report. */
  seq = 0;
  /** Its place in the list of all connections. */
  index = -1;
  /** The first CALL was answered, or 30 s have passed. // K-11 */
  ready = false;

  /** Whole seconds of the gateway's own time. */
  frameTick: number;
  messageTick: number;
  pingTick: number;
  answeredPing = false;
  /** In the list of those seen since the last report of signs of life. */
  seen = false;

  /** Unanswered CALLs in order; the first is being served. */
  calls: PendingCall[] | null = null;
  /** Texts that came before the claim was done. */
  early: string[] | null = null;
  answered: AnsweredCalls | null = null;
  /** A Heartbeat that is sent again under its id gets the same time again. // M-15 */
  lastHeartbeatId: string | null = null;
  lastHeartbeatFrame: string | null = null;
  /** See pace.ts. */
  servedAt = 0;
  badFrames = 0;
  /** The action that we asked a pending station for, which it may therefore send. // R-04 */
  triggered: string | null = null;

  outstanding: OutstandingCall | null = null;
  /** Our CALLs that timed out, by message id, oldest first. // M-09 */
  timedOut: Map<string, { command: CommandId; action: string }> | null = null;

  /** Why we closed it; null while open and when the station did. */
  closedFor: { code: number; reason: string } | null = null;

  constructor(
    readonly session: StationSession,
    readonly version: OcppVersion,
    readonly remoteAddress: string,
    readonly connectedTick: number,
  ) {
    this.frameTick = connectedTick;
    this.messageTick = connectedTick;
    this.pingTick = connectedTick;
  }

  /** The number of the next report. */
  nextSeq(): number {
    this.seq += 1;
    return this.seq;
  }
}
