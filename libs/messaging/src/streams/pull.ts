import { createInbox, type Msg, nanos } from '@nats-io/transport-node';
import type { Bus } from '../bus.js';
import { BusError } from '../bus-error.js';
import { encode } from '../json.js';

/** How long after its own end a pull may stay silent before it counts as lost. */
const graceMs = 2000;

export interface PullOptions {
  stream: string;
  consumer: string;
  /** Messages at most. */
  batch: number;
  /** The server ends the pull after this. */
  expiresMs: number;
  signal: AbortSignal;
  /** End at once when nothing (more) is there. */
  noWait?: boolean;
}

/** Where a message stands; from the subject on which it is acknowledged. */
export interface Delivery {
  streamSequence: number;
  consumerSequence: number;
  /** 1 the first time. */
  attempt: number;
}

/**
 * One request for messages of a pull consumer. Yields them as they come and ends when the batch is full, the time
 * is over or, after what had come already, when the signal is given. Throws `no-stream` when the consumer or its stream is gone, `disconnected`, and
 * `timeout` when the server forgot the request; then a new consumer is the cure.
 */
export async function* pull(bus: Bus, options: PullOptions): AsyncGenerator<Msg, void, void> {
  if (!bus.connected) throw new BusError('disconnected', `${options.consumer} cannot be pulled`);
  const box = new Inbox();
  const inbox = createInbox();
  const subscription = bus.connection.subscribe(inbox, {
    callback: (error, message) =>
      error === null ? box.put(message) : box.fail(new BusError('stream-refused', error.message)),
  });
  const forget = bus.onStatus((connected) => {
    if (!connected) box.fail(new BusError('disconnected', `${options.consumer} was being pulled`));
  });
  const onAbort = () => box.end();
  options.signal.addEventListener('abort', onAbort, { once: true });
  if (options.signal.aborted) box.end();
  const late = new BusError('timeout', `${options.consumer} was forgotten`);
  const timer = setTimeout(() => box.fail(late), options.expiresMs + graceMs);
  try {
    const wait = options.noWait === true ? { no_wait: true } : { expires: nanos(options.expiresMs) };
    const request = { batch: options.batch, ...wait };
    const subject = `$JS.API.CONSUMER.MSG.NEXT.${options.stream}.${options.consumer}`;
    bus.connection.publish(subject, encode(request), { reply: inbox });
    for (let received = 0; received < options.batch; received += 1) {
      const message = await box.next();
      if (message === undefined) return;
      yield message;
    }
  } finally {
    clearTimeout(timer);
    options.signal.removeEventListener('abort', onAbort);
    forget();
    if (!bus.connection.isClosed()) subscription.unsubscribe();
  }
}

/** Messages between the connection's callback and the one loop that takes them; bounded by the pull's batch. */
class Inbox {
  readonly #messages: Msg[] = [];
  #ended = false;
  #failure: BusError | undefined;
  #wake: (() => void) | undefined;

  put(message: Msg): void {
    const status = statusOf(message);
    if (status === undefined) this.#messages.push(message);
    else if (status.ended) this.#ended = true;
    else this.#failure = new BusError('no-stream', status.text);
    this.#wake?.();
  }

  end(): void {
    this.#ended = true;
    this.#wake?.();
  }

  fail(error: BusError): void {
    this.#failure ??= error;
    this.#wake?.();
  }

  /** The next message, undefined at the end. What came before a failure is given before the failure is thrown. */
  async next(): Promise<Msg | undefined> {
    for (;;) {
      const message = this.#messages.shift();
      if (message) return message;
      if (this.#failure) throw this.#failure;
      if (this.#ended) return undefined;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}

/** A message without a body and with a status is the server's word about the pull itself. */
function statusOf(message: Msg): { ended: boolean; text: string } | undefined {
  if (message.data.length > 0) return undefined;
  const code = message.headers?.code ?? 0;
  if (code === 0) return undefined;
  const text = `${code} ${message.headers?.description ?? ''}`;
  // 404 and 408: nothing (more) in time. 409 speaks of limits, of a leader that changed, and of a deleted consumer.
  return { ended: code === 404 || code === 408, text };
}

/** Reads `$JS.ACK.<stream>.<consumer>.<attempt>.<stream sequence>.<consumer sequence>…`, in the form with a domain too. */
export function deliveryOf(message: Msg): Delivery {
  const parts = (message.reply ?? '').split('.');
  const at = parts.length > 9 ? 6 : 4;
  const delivery = {
    attempt: Number(parts[at]),
    streamSequence: Number(parts[at + 1]),
    consumerSequence: Number(parts[at + 2]),
  };
  if (parts[1] !== 'ACK' || !Object.values(delivery).every(Number.isSafeInteger)) {
    throw new BusError('bad-message', 'a message of a stream without its place in it', { maybeSent: true });
  }
  return delivery;
}
