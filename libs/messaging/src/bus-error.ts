/**
 * What can go wrong on the bus:
 * - `no-responders`: nobody serves the subject; nothing was received by anyone
 * - `timeout`: no answer in time; it may or may not have been done
 * - `disconnected`: no connection to the server now, or it was lost while waiting for the answer
 * - `closed`: this bus was closed
 * - `too-large`: the message exceeds what the server takes
 * - `overloaded`: too much is outstanding already; nothing was sent
 * - `bad-message`: what came back is not what it should be
 * - `no-stream`: no stream stores this subject, or JetStream is away
 * - `stream-refused`: the stream did not take the message or the configuration; `detail` says why
 */
export type BusErrorCode =
  | 'no-responders'
  | 'timeout'
  | 'disconnected'
  | 'closed'
  | 'too-large'
  | 'overloaded'
  | 'bad-message'
  | 'no-stream'
  | 'stream-refused';

const neverRetryable: readonly BusErrorCode[] = ['closed', 'too-large', 'bad-message'];

/** The error family of the bus. Compare `code`, never the class. */
export class BusError extends Error {
  /** True when the same message may succeed later without a change. */
  readonly retryable: boolean;
  /** False when it is certain that nobody received the message, so that sending it elsewhere cannot double it. */
  readonly maybeSent: boolean;

  constructor(
    readonly code: BusErrorCode,
    detail: string,
    options: { maybeSent?: boolean; cause?: unknown } = {},
  ) {
    super(`${code}: ${detail}`, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'BusError';
    this.retryable = !neverRetryable.includes(code);
    this.maybeSent = options.maybeSent ?? false;
  }
}
