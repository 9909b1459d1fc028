import { createInbox, headers, type Msg, type MsgHdrs, type Subscription } from '@nats-io/transport-node';
import type { Bus } from '../bus.js';
import { BusError } from '../bus-error.js';
import { decode, encode } from '../json.js';
import { isNoResponders } from '../replies.js';

export interface StreamPublisherOptions {
  /** Messages that wait for their acknowledgement at most; beyond it `publish` fails with `overloaded`. 4096 unless given. */
  inFlightMax?: number;
  /** How long to wait for an acknowledgement; 5 s unless given. */
  timeoutMs?: number;
}

interface InFlight {
  subject: string;
  sinceMs: number;
  stored(): void;
  failed(error: BusError): void;
}

interface Acknowledgement {
  stream?: string;
  error?: { description?: string };
}

/**
 * Publishes to streams, many messages at once: one inbox for all acknowledgements, matched by hand (five times
 * the client's own publish). Acknowledgements may come in any order. Safe for concurrent callers.
 */
export class StreamPublisher {
  readonly #inbox = `${createInbox()}.`;
  readonly #inFlight = new Map<string, InFlight>();
  readonly #inFlightMax: number;
  readonly #timeoutMs: number;
  readonly #subscription: Subscription;
  readonly #forget: () => void;
  #last = 0;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(
    private readonly bus: Bus,
    options: StreamPublisherOptions = {},
  ) {
    this.#inFlightMax = options.inFlightMax ?? 4096;
    this.#timeoutMs = options.timeoutMs ?? 5000;
    this.#subscription = bus.connection.subscribe(`${this.#inbox}*`, {
      callback: (error, message) => {
        if (error === null) this.#acknowledged(message);
      },
    });
    this.#forget = bus.onStatus((connected) => {
      if (!connected) this.#failAll('disconnected');
    });
  }

  get inFlight(): number {
    return this.#inFlight.size;
  }

  /**
   * Resolves when a stream has stored the message. `id` makes a repeat within the stream's window of two minutes
   * harmless. Rejects with `no-stream`, `stream-refused`, `timeout`, `overloaded`, `disconnected`, `closed` or
   * `too-large`; where `maybeSent` is true the message may have been stored all the same.
   */
  publish(subject: string, message: object, options: { id?: string } = {}): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#check(subject);
      const payload = encode(message);
      if (payload.length > this.bus.maxPayloadBytes) {
        throw new BusError(
          'too-large',
          `${payload.length} bytes to ${subject}, the server takes ${this.bus.maxPayloadBytes}`,
        );
      }
      this.#last += 1;
      const token = this.#last.toString(36);
      const id = options.id === undefined ? {} : { headers: messageId(options.id) };
      this.bus.connection.publish(subject, payload, { reply: this.#inbox + token, ...id });
      this.#inFlight.set(token, { subject, sinceMs: performance.now(), stored: resolve, failed: reject });
      this.#timer ??= setTimeout(() => this.#sweep(), this.#timeoutMs);
    });
  }

  /** Fails what is in flight and takes nothing more. */
  close(): void {
    this.#closed = true;
    this.#forget();
    if (!this.bus.connection.isClosed()) this.#subscription.unsubscribe();
    this.#failAll('closed');
  }

  #check(subject: string): void {
    if (this.#closed) throw new BusError('closed', `nothing is published to ${subject}`);
    if (!this.bus.connected) throw new BusError('disconnected', `nothing is published to ${subject}`);
    if (this.#inFlight.size >= this.#inFlightMax) {
      throw new BusError('overloaded', `${this.#inFlightMax} messages wait for their acknowledgement`);
    }
  }

  #acknowledged(message: Msg): void {
    const token = message.subject.slice(this.#inbox.length);
    const one = this.#inFlight.get(token);
    // An acknowledgement after its time-out has nobody waiting any more.
    if (!one) return;
    this.#inFlight.delete(token);
    const error = refusal(message, one.subject);
    if (error) one.failed(error);
    else one.stored();
  }

  /** All wait equally long, so the oldest are first in the map: one timer serves all. */
  #sweep(): void {
    const now = performance.now();
    this.#timer = undefined;
    for (const [token, one] of this.#inFlight) {
      const leftMs = one.sinceMs + this.#timeoutMs - now;
      if (leftMs > 0) {
        this.#timer = setTimeout(() => this.#sweep(), leftMs);
        return;
      }
      this.#inFlight.delete(token);
      one.failed(new BusError('timeout', `${one.subject} in ${this.#timeoutMs} ms`, { maybeSent: true }));
    }
  }

  #failAll(code: 'disconnected' | 'closed'): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const all = [...this.#inFlight.values()];
    this.#inFlight.clear();
    for (const one of all) one.failed(new BusError(code, `${one.subject} was on its way`, { maybeSent: true }));
  }
}

function refusal(message: Msg, subject: string): BusError | undefined {
  if (isNoResponders(message)) return new BusError('no-stream', `no stream stores ${subject}`);
  try {
    const { error, stream } = decode<Acknowledgement>(message.data);
    if (error) return new BusError('stream-refused', `${subject}: ${error.description ?? ''}`);
    return stream === undefined
      ? new BusError('bad-message', `${subject}: no acknowledgement`, { maybeSent: true })
      : undefined;
  } catch (cause) {
    return new BusError('bad-message', `${subject}: no acknowledgement`, { maybeSent: true, cause });
  }
}

function messageId(id: string): MsgHdrs {
  const made = headers();
  made.set('Nats-Msg-Id', id);
  return made;
}
