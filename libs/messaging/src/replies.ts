import { createInbox, type Msg, type NatsConnection } from '@nats-io/transport-node';
import { BusError } from './bus-error.js';

/** How many requests of one process may wait for an answer at once. */
const outstandingMax = 20_000;

interface Waiter {
  /** Returns true when no further message is wanted. */
  take(message: Msg): boolean;
  late(): void;
  fail(error: unknown): void;
}

interface Waiting {
  waiter: Waiter;
  timer: NodeJS.Timeout;
}

/**
 * The answers to our requests: one inbox per connection and a table of who waits. It knows, unlike the client's
 * own requests, that a lost connection ends the wait at once.
 */
export class Replies {
  readonly #inbox = `${createInbox()}.`;
  readonly #waiting = new Map<string, Waiting>();
  #last = 0;

  constructor(connection: NatsConnection) {
    connection.subscribe(`${this.#inbox}*`, {
      callback: (error, message) => {
        if (error === null) this.#dispatch(message);
      },
    });
  }

  get outstanding(): number {
    return this.#waiting.size;
  }

  /** One answer. `send` gets the reply subject and sends the request; what it throws fails the request. */
  one(send: (reply: string) => void, subject: string, timeoutMs: number): Promise<Msg> {
    return new Promise((resolve, reject) => {
      this.#open(send, timeoutMs, {
        take: (message) => {
          if (isNoResponders(message)) reject(noResponders(subject));
          else resolve(message);
          return true;
        },
        late: () => reject(new BusError('timeout', `${subject} in ${timeoutMs} ms`, { maybeSent: true })),
        fail: reject,
      });
    });
  }

  /** All answers until the time is over or `max` have come. */
  many(send: (reply: string) => void, timeoutMs: number, max: number): Promise<Msg[]> {
    const messages: Msg[] = [];
    return new Promise((resolve, reject) => {
      this.#open(send, timeoutMs, {
        take: (message) => {
          const done = isNoResponders(message) || messages.push(message) >= max;
          if (done) resolve(messages);
          return done;
        },
        late: () => resolve(messages),
        fail: reject,
      });
    });
  }

  /** Fails everything that waits: the connection is gone, and with it the answers. */
  failAll(code: 'disconnected' | 'closed'): void {
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const one of waiting) {
      clearTimeout(one.timer);
      one.waiter.fail(new BusError(code, 'while waiting for an answer', { maybeSent: true }));
    }
  }

  #open(send: (reply: string) => void, timeoutMs: number, waiter: Waiter): void {
    if (this.#waiting.size >= outstandingMax) {
      waiter.fail(new BusError('overloaded', `${outstandingMax} requests are waiting for an answer`));
      return;
    }
    this.#last += 1;
    const token = this.#last.toString(36);
    const timer = setTimeout(() => {
      this.#waiting.delete(token);
      waiter.late();
    }, timeoutMs);
    this.#waiting.set(token, { waiter, timer });
    try {
      send(this.#inbox + token);
    } catch (error) {
      clearTimeout(timer);
      this.#waiting.delete(token);
      waiter.fail(error);
    }
  }

  #dispatch(message: Msg): void {
    const token = message.subject.slice(this.#inbox.length);
    const waiting = this.#waiting.get(token);
    // An answer after its time-out has nobody waiting any more.
    if (!waiting?.waiter.take(message)) return;
    clearTimeout(waiting.timer);
    this.#waiting.delete(token);
  }
}

/** The server's word that nobody listens: no body, status 503 in the header. */
export function isNoResponders(message: Msg): boolean {
  return message.data.length === 0 && message.headers?.code === 503;
}

function noResponders(subject: string): BusError {
  return new BusError('no-responders', subject);
}
