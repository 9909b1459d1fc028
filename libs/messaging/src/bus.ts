import type { AskContext, Operation, Subjects } from '@busbar/events';
import type { NatsConnection } from '@nats-io/transport-node';

/** Listening to a subject. */
export interface Subscription {
  /** No further message reaches the handler. */
  stop(): void;
}

/** Serving a subject. */
export interface Served {
  /** Takes no new message, finishes those that were taken, answers them, then resolves. Safe to call twice. */
  stop(): Promise<void>;
  /** Messages left unanswered since the start because too many were waiting, or because they had waited too long. */
  readonly dropped: number;
  /** Messages whose handler runs now. */
  readonly running: number;
}

export interface ServeOptions {
  /** Replicas with the same queue share the messages, each goes to one of them. */
  queue?: string;
  /** How many handlers run at once; 64 unless given. */
  concurrencyMax?: number;
  /** How many messages wait for a free handler; beyond that they stay unanswered on purpose. 1024 unless given. */
  waitingMax?: number;
  /** A message that has waited longer is dropped: whoever asked has given up. 10 s unless given. */
  staleAfterMs?: number;
  /**
   * What to reply when the handler fails or its answer is too large; undefined stays silent, so that the asker's
   * time-out and retry own it. Without this option every failure stays silent and is logged.
   */
  failed?: (error: unknown) => object | undefined;
}

/**
 * The bus: core NATS with JSON messages. Reconnects for ever by itself. While it is disconnected everything fails
 * at once with `disconnected`; nothing is kept to be sent later. All methods may be called concurrently.
 */
export interface Bus {
  readonly prefix: string;
  readonly subjects: Subjects;
  /** The connection below, for streams. */
  readonly connection: NatsConnection;
  readonly connected: boolean;
  /** The largest message that the server takes. */
  readonly maxPayloadBytes: number;

  /** Sends to whoever listens, at most once. Throws `disconnected`, `closed`, `too-large`, `overloaded`. */
  publish(subject: string, message: object): void;

  /** Sends and waits for the first answer. Rejects with `BusError`; `maybeSent` says whether anyone may have got it. */
  request<T>(subject: string, message: object, options: { timeoutMs: number }): Promise<T>;

  /** Sends and gathers answers until `max` have come or the time is over; none is an empty list. */
  requestMany<T>(subject: string, message: object, options: { timeoutMs: number; max?: number }): Promise<T[]>;

  /**
   * Asks a service for an operation; 5 s unless told otherwise. Throws `ProblemError` for what the service
   * refused and `BusError` when no answer came (`busProblem` turns that into a problem).
   */
  ask<Q, A>(operation: Operation<Q, A>, request: Q, context: AskContext, options?: { timeoutMs?: number }): Promise<A>;

  /** Calls the handler for each message. What the handler throws is logged; a message that is no JSON is dropped and logged. */
  subscribe<T>(
    subject: string,
    handler: (message: T, subject: string) => void,
    options?: { queue?: string },
  ): Subscription;

  /** Answers requests, several at a time, each message once. What it can't take it leaves unanswered and counts. */
  serve<T>(subject: string, handler: (message: T) => Promise<object>, options?: ServeOptions): Served;

  /** Calls the listener at each change between connected and disconnected, until the returned function is called. */
  onStatus(listener: (connected: boolean) => void): () => void;

  /** Sends what is outstanding, then closes. Waiting requests fail with `closed`. */
  close(): Promise<void>;
}
