import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import WebSocket from 'ws';
import { HandshakeRefusal } from './handshake-refusal.js';

export interface StationOptions {
  /** Up to the identity: `ws://127.0.0.1:9000/ocpp/`. */
  url: string;
  /** Percent-encoded into the path as a whole. */
  identity: string;
  /** The path's last segment as it is, instead of the identity: for what no encoder writes. */
  segment?: string;
  /** Basic auth with the identity as user name; bytes are sent as they are. Without a key no header is sent. */
  key?: string | Uint8Array;
  userName?: string;
  /** The whole `Authorization` header, instead. */
  authorization?: string;
  /** Subprotocols offered, in order; `['ocpp1.6']` unless given. */
  protocols?: readonly string[];
  /** Offers subprotocols, but takes an answer that chooses none. For `ws` that is an error otherwise. */
  takeNoProtocol?: boolean;
  headers?: Readonly<Record<string, string>>;
  /** For `wss:`: certificates in PEM. */
  tls?: { ca?: string; cert?: string; key?: string };
  /** Whether pings are answered; they are unless told otherwise. */
  answerPings?: boolean;
  timeoutMs?: number;
}

/** How a CALL of the station ended. */
export type CallResult =
  | { kind: 'result'; payload: Record<string, unknown> }
  | { kind: 'error'; code: string; description: string; details: unknown };

/** A CALL of the central system. */
export interface ReceivedCall {
  messageId: string;
  action: string;
  payload: Record<string, unknown>;
}

/** What a handler gives back: the CALLRESULT's payload, an error, or null for no answer at all. */
export type CallAnswer = Record<string, unknown> | { errorCode: string; description?: string; details?: object } | null;
export type CallHandler = (call: ReceivedCall) => CallAnswer | Promise<CallAnswer>;

export interface RecordedFrame {
  direction: 'in' | 'out';
  text: string;
}

const framesMax = 100_000;

/**
 * A charging station's end of OCPP-J, with nothing added: it sends what the test says, right or wrong, and records
 * every frame. CALLs of the central system are answered by handlers, NotImplemented without one.
 */
export class StationClient {
  readonly identity: string;
  /** Every text frame, in order, the newest 100,000. */
  readonly frames: RecordedFrame[] = [];
  /** CALLs of the central system, in order. */
  readonly received: ReceivedCall[] = [];
  /** How the connection ended, whoever ended it. Never rejects. */
  readonly closed: Promise<{ code: number; reason: string }>;
  readonly #socket: WebSocket;
  readonly #timeoutMs: number;
  readonly #handlers = new Map<string, CallHandler>();
  readonly #waiting = new Map<string, (result: CallResult) => void>();
  #pings = 0;

  private constructor(socket: WebSocket, options: StationOptions) {
    this.#socket = socket;
    this.identity = options.identity;
    this.#timeoutMs = options.timeoutMs ?? 10_000;
    this.closed = new Promise((resolve) => {
      socket.on('close', (code, reason) => resolve({ code, reason: reason.toString('utf8') }));
    });
    socket.on('message', (data: Buffer, isBinary) => {
      if (!isBinary) this.#onText(data.toString('utf8'));
    });
    socket.on('ping', () => {
      this.#pings += 1;
    });
    // A reset is told by `closed` as 1006.
    socket.on('error', () => undefined);
  }

  /** Connects. Rejects with `HandshakeRefusal` when the server answers anything but 101. */
  static async connect(options: StationOptions): Promise<StationClient> {
    const segment = options.segment ?? encodeURIComponent(options.identity);
    const offered = options.protocols ?? ['ocpp1.6'];
    const protocols = options.takeNoProtocol ? [] : [...offered];
    const socket = new WebSocket(`${options.url}${segment}`, protocols, {
      headers: headersOf(options, offered),
      handshakeTimeout: options.timeoutMs ?? 10_000,
      perMessageDeflate: false,
      autoPong: options.answerPings ?? true,
      ...options.tls,
    });
    const station = new StationClient(socket, options);
    await opened(socket);
    return station;
  }

  /** The subprotocol that the server chose; empty when none. */
  get protocol(): string {
    return this.#socket.protocol;
  }

  get isOpen(): boolean {
    return this.#socket.readyState === WebSocket.OPEN;
  }

  /** Pings of the server so far. */
  get pings(): number {
    return this.#pings;
  }

  /** Sends a CALL and waits for its answer. Rejects when none comes in time or the connection ends first. */
  async call(
    action: string,
    payload: object,
    { messageId = randomUUID(), timeoutMs = this.#timeoutMs }: { messageId?: string; timeoutMs?: number } = {},
  ): Promise<CallResult> {
    const answer = this.answerTo(messageId, { timeoutMs, what: action });
    this.send([2, messageId, action, payload]);
    return answer;
  }

  /** The payload of a CALL's CALLRESULT; rejects when it is a CALLERROR. */
  async ask(action: string, payload: object, options: { messageId?: string; timeoutMs?: number } = {}) {
    const result = await this.call(action, payload, options);
    if (result.kind === 'error') throw new Error(`${action} was answered with ${result.code}: ${result.description}`);
    return result.payload;
  }

  /** Waits for the answer to a message id, for a CALL that was or will be sent raw. */
  answerTo(messageId: string, { timeoutMs = this.#timeoutMs, what = messageId } = {}): Promise<CallResult> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`no answer to ${what} in ${timeoutMs} ms`)), timeoutMs);
      this.#waiting.set(messageId, (result) => {
        clearTimeout(timer);
        resolve(result);
      });
      void this.closed.then(({ code }) => {
        clearTimeout(timer);
        reject(new Error(`the connection ended with ${code} before ${what} was answered`));
      });
    });
  }

  /** Answers CALLs of one action, from now on. */
  onCall(action: string, handler: CallHandler): this {
    this.#handlers.set(action, handler);
    return this;
  }

  /** Sends a frame as JSON. */
  send(frame: readonly unknown[]): void {
    this.sendRaw(JSON.stringify(frame));
  }

  /** Sends exactly this: text as a text frame, bytes as a binary one. */
  sendRaw(data: string | Uint8Array): void {
    this.#socket.send(data);
    if (typeof data === 'string') this.#record('out', data);
  }

  /** Bytes on the connection below the WebSocket: for frames that no library writes. */
  writeBytes(bytes: Uint8Array): void {
    this.#below().write(bytes);
  }

  ping(): void {
    this.#socket.ping();
  }

  /** Stops reading, as a station does that hangs; the server's bytes pile up. */
  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  /** Closes in order and waits for the end. */
  async close(code = 1000, reason = ''): Promise<{ code: number; reason: string }> {
    this.#socket.close(code, reason);
    return this.closed;
  }

  /** Resets the connection: the server gets no close frame. */
  async reset(): Promise<void> {
    this.#below().resetAndDestroy();
    await this.closed;
  }

  #below() {
    // `ws` has no door to the connection that it was upgraded from, but its own stream field has been stable.
    const socket: unknown = Reflect.get(this.#socket, '_socket');
    if (!isSocket(socket) || socket.destroyed) throw new Error('the connection is closed');
    return socket;
  }

  #record(direction: 'in' | 'out', text: string): void {
    this.frames.push({ direction, text });
    if (this.frames.length > framesMax) this.frames.shift();
  }

  #onText(text: string): void {
    this.#record('in', text);
    const frame: unknown = JSON.parse(text);
    if (!Array.isArray(frame)) throw new Error(`the central system sent ${text.slice(0, 100)}`);
    const [type, messageId, third, fourth, fifth] = frame as unknown[];
    if (type === 2) {
      void this.#answer({ messageId: String(messageId), action: String(third), payload: asObject(fourth) });
      return;
    }
    const waiting = this.#waiting.get(String(messageId));
    this.#waiting.delete(String(messageId));
    if (type === 3) waiting?.({ kind: 'result', payload: asObject(third) });
    else if (type === 4) {
      waiting?.({ kind: 'error', code: String(third), description: String(fourth), details: fifth });
    }
  }

  async #answer(call: ReceivedCall): Promise<void> {
    this.received.push(call);
    const handler = this.#handlers.get(call.action);
    const answer = await (handler ? handler(call) : { errorCode: 'NotImplemented' });
    if (answer === null || !this.isOpen) return;
    if ('errorCode' in answer) {
      this.send([4, call.messageId, answer.errorCode, answer.description ?? '', answer.details ?? {}]);
    } else {
      this.send([3, call.messageId, answer]);
    }
  }
}

function headersOf(options: StationOptions, offered: readonly string[]): Record<string, string> {
  const headers: Record<string, string> = { ...options.headers };
  if (options.takeNoProtocol && offered.length > 0) headers['Sec-WebSocket-Protocol'] = offered.join(', ');
  if (options.authorization !== undefined) headers['Authorization'] = options.authorization;
  else if (options.key !== undefined) {
    const name = Buffer.from(`${options.userName ?? options.identity}:`);
    headers['Authorization'] = `Basic ${Buffer.concat([name, Buffer.from(options.key)]).toString('base64')}`;
  }
  return headers;
}

function opened(socket: WebSocket): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('open', () => resolve());
    socket.once('error', reject);
    socket.once('unexpected-response', (_request, response: IncomingMessage) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => {
        reject(
          new HandshakeRefusal(response.statusCode ?? 0, response.headers, Buffer.concat(chunks).toString('utf8')),
        );
        socket.terminate();
      });
    });
  });
}

function isSocket(value: unknown): value is import('node:net').Socket {
  return typeof value === 'object' && value !== null && 'resetAndDestroy' in value;
}

function asObject(value: unknown): Record<string, unknown> {
  if (typeof value !== 'object' || value === null) throw new Error('a payload of the central system is no object');
  return value as Record<string, unknown>;
}
