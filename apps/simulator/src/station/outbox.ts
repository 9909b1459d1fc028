import type { Answer } from './link.js';

/** A message that the station owes the central system. */
export interface OutgoingMessage {
  action: string;
  /** Made when it is sent: a stop needs the id that its start was answered with. */
  payload: () => Record<string, unknown>;
  /** Transaction messages keep their order and are repeated; others are sent once. */
  transactionRelated: boolean;
  settled: (answer: Answer) => void;
}

export interface OutboxSettings {
  attempts: () => number;
  retryIntervalMs: () => number;
}

/**
 * The station's queue (OCPP 1.6, 3.7): one message at a time; transaction messages in order, repeated after a
 * time-out or CALLERROR with a wait that grows by one interval each time, dropped after the last attempt; while the
 * station is offline they wait and no attempt is counted. Other messages go first and are not repeated.
 */
export class Outbox {
  readonly #transactional: { message: OutgoingMessage; attempts: number; notBefore: number }[] = [];
  readonly #others: OutgoingMessage[] = [];
  #busy = false;
  #open = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly send: (action: string, payload: Record<string, unknown>) => Promise<Answer>,
    private readonly settings: OutboxSettings,
    private readonly nowMs: () => number,
  ) {}

  /** How many transaction messages have not been answered. */
  get owed(): number {
    return this.#transactional.length;
  }

  push(message: OutgoingMessage): void {
    if (message.transactionRelated) {
      this.#transactional.push({ message, attempts: 0, notBefore: 0 });
    } else if (!this.#open) {
      message.settled({ kind: 'disconnected' });
      return;
    } else {
      this.#others.push(message);
    }
    this.#pump();
  }

  /** The station was accepted on a connection: what is owed may go. */
  open(): void {
    this.#open = true;
    this.#pump();
  }

  /** The connection is gone. What is not repeated fails now. */
  close(): void {
    this.#open = false;
    clearTimeout(this.#timer);
    for (const message of this.#others.splice(0)) {
      message.settled({ kind: 'disconnected' });
    }
  }

  #pump(): void {
    if (this.#busy || !this.#open) {
      return;
    }
    const other = this.#others.shift();
    if (other !== undefined) {
      void this.#deliver(other, (answer) => other.settled(answer));
      return;
    }
    const head = this.#transactional[0];
    if (head === undefined) {
      return;
    }
    const early = head.notBefore - this.nowMs();
    if (early > 0) {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.#pump(), early);
      return;
    }
    void this.#deliver(head.message, (answer) => this.#judge(head, answer));
  }

  async #deliver(message: OutgoingMessage, judge: (answer: Answer) => void): Promise<void> {
    this.#busy = true;
    try {
      judge(await this.send(message.action, message.payload()));
    } finally {
      this.#busy = false;
    }
    this.#pump();
  }

  #judge(head: { message: OutgoingMessage; attempts: number; notBefore: number }, answer: Answer): void {
    if (answer.kind === 'disconnected') {
      return;
    }
    head.attempts += 1;
    if (answer.kind !== 'result' && head.attempts < this.settings.attempts()) {
      head.notBefore = this.nowMs() + head.attempts * this.settings.retryIntervalMs();
      return;
    }
    this.#transactional.shift();
    head.message.settled(answer);
  }
}
