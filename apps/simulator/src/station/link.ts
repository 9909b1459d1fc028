import { randomUUID } from 'node:crypto';
import { callFrame, errorFrame, parseFrame, type RpcError, resultFrame } from '@busbar/ocpp';
import { WebSocket } from 'ws';

/** What came of a CALL of the station. */
export type Answer =
  | { kind: 'result'; payload: Record<string, unknown> }
  | { kind: 'error'; code: string; description: string }
  | { kind: 'timed-out' }
  | { kind: 'disconnected' };

/** A CALL of the central system is answered by its payload or refused. */
export type CallAnswer = { payload: Record<string, unknown>; afterwards?: () => void } | { error: RpcError };

export interface LinkOptions {
  url: string;
  identity: string;
  /** Basic auth key in hex; absent at security profile 0. */
  key?: string;
  callTimeoutMs: number;
  /** First wait before a reconnect; doubles up to `backOffMaxMs`, with jitter. */
  backOffMs: number;
  backOffMaxMs: number;
}

export interface LinkListener {
  onOpen(): void;
  onClose(code: number): void;
  /** Refused upgrades, by HTTP status; 0 when nothing listens. */
  onRefused(status: number): void;
  onCall(action: string, payload: Record<string, unknown>): CallAnswer;
  onFrame?(direction: 'in' | 'out', text: string): void;
}

/**
 * The station's WebSocket: comes back by itself, answers the central system's CALLs, and lets one CALL of the
 * station at a time be outstanding (OCPP-J 1.6, 4.1.1). The caller keeps that order: `call` refuses a second one.
 */
export class Link {
  #socket: WebSocket | undefined;
  #pending: { messageId: string; settle: (answer: Answer) => void } | undefined;
  #retry: NodeJS.Timeout | undefined;
  #failures = 0;
  #stopped = true;
  #key: string | undefined;

  constructor(
    private readonly options: LinkOptions,
    private readonly listener: LinkListener,
  ) {
    this.#key = options.key;
  }

  get connected(): boolean {
    return this.#socket?.readyState === WebSocket.OPEN;
  }

  start(): void {
    this.#stopped = false;
    this.#connect();
  }

  /** Closes for good. */
  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#retry);
    this.#socket?.close(1000);
  }

  /** Drops the connection and stays away for a while, as a lost network does. */
  goOffline(forMs: number): void {
    this.#stopped = true;
    clearTimeout(this.#retry);
    this.#socket?.terminate();
    this.#retry = setTimeout(() => this.start(), forMs);
  }

  /** Closes and connects again, with another key when one is given. */
  reconnect(key?: string): void {
    this.#key = key ?? this.#key;
    this.#socket?.close(1000);
  }

  call(action: string, payload: Record<string, unknown>, messageId: string = randomUUID()): Promise<Answer> {
    const socket = this.#socket;
    if (socket === undefined || socket.readyState !== WebSocket.OPEN) {
      return Promise.resolve({ kind: 'disconnected' });
    }
    if (this.#pending !== undefined) {
      return Promise.reject(new Error('a CALL is outstanding already'));
    }
    return new Promise((resolve) => {
      const timer = setTimeout(() => settle({ kind: 'timed-out' }), this.options.callTimeoutMs);
      const settle = (answer: Answer): void => {
        clearTimeout(timer);
        this.#pending = undefined;
        resolve(answer);
      };
      this.#pending = { messageId, settle };
      this.#send(socket, callFrame(messageId, action, payload));
    });
  }

  #connect(): void {
    const { url, identity } = this.options;
    const key = this.#key;
    const socket = new WebSocket(url + encodeURIComponent(identity), ['ocpp1.6'], {
      handshakeTimeout: 10_000,
      perMessageDeflate: false,
      ...(key === undefined ? {} : { headers: { authorization: basic(identity, key) } }),
    });
    this.#socket = socket;
    socket.on('open', () => {
      this.#failures = 0;
      this.listener.onOpen();
    });
    socket.on('message', (data: Buffer) => this.#take(socket, data.toString()));
    socket.on('unexpected-response', (request, response) => {
      this.listener.onRefused(response.statusCode ?? 0);
      request.destroy();
      this.#closed(socket, 1006);
    });
    socket.on('error', () => {
      // A close event follows; a connection that never opened is told as refused.
      if (socket.readyState === WebSocket.CONNECTING) {
        this.listener.onRefused(0);
      }
    });
    socket.on('close', (code) => this.#closed(socket, code));
  }

  #closed(socket: WebSocket, code: number): void {
    if (socket !== this.#socket) {
      return;
    }
    this.#socket = undefined;
    this.#pending?.settle({ kind: 'disconnected' });
    this.listener.onClose(code);
    if (!this.#stopped) {
      const { backOffMs, backOffMaxMs } = this.options;
      const wait = Math.min(backOffMs * 2 ** this.#failures, backOffMaxMs);
      this.#failures += 1;
      this.#retry = setTimeout(() => this.#connect(), wait * (0.5 + Math.random() / 2));
    }
  }

  #take(socket: WebSocket, text: string): void {
    this.listener.onFrame?.('in', text);
    const frame = parseFrame(text);
    switch (frame.kind) {
      case 'call': {
        const answer = this.listener.onCall(frame.action, asObject(frame.payload));
        this.#send(
          socket,
          'error' in answer ? errorFrame('1.6', frame, answer.error) : resultFrame(frame, answer.payload),
        );
        if ('afterwards' in answer) {
          answer.afterwards?.();
        }
        return;
      }
      case 'result':
      case 'error':
        if (this.#pending?.messageId === frame.messageId) {
          this.#pending.settle(frame);
        }
        return;
      case 'bad':
        return;
    }
  }

  #send(socket: WebSocket, text: string): void {
    this.listener.onFrame?.('out', text);
    socket.send(text);
  }
}

function basic(identity: string, key: string): string {
  const bytes = Buffer.concat([Buffer.from(`${identity}:`), Buffer.from(key, 'hex')]);
  return `Basic ${bytes.toString('base64')}`;
}

function asObject(payload: unknown): Record<string, unknown> {
  return typeof payload === 'object' && payload !== null && !Array.isArray(payload)
    ? Object.fromEntries(Object.entries(payload))
    : {};
}
