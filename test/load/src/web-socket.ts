import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';

/** The head of an upgrade request; `password` are the bytes of the Basic auth key. */
export function upgradeHead(options: { host: string; path: string; user?: string; password?: Buffer }): Buffer {
  const basic =
    options.user === undefined
      ? ''
      : `Authorization: Basic ${Buffer.concat([
          Buffer.from(`${options.user}:`),
          options.password ?? Buffer.alloc(0),
        ]).toString('base64')}\r\n`;
  return Buffer.from(
    `GET ${options.path} HTTP/1.1\r\nHost: ${options.host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
      `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}\r\nSec-WebSocket-Version: 13\r\n` +
      `Sec-WebSocket-Protocol: ocpp1.6\r\n${basic}\r\n`,
  );
}

/** A masked text frame. The mask is zero, which costs the server as much and us nothing. */
export function textFrame(text: string): Buffer {
  const payload = Buffer.from(text);
  const head =
    payload.length < 126
      ? Buffer.from([0x81, 0x80 | payload.length, 0, 0, 0, 0])
      : Buffer.from([0x81, 0x80 | 126, payload.length >> 8, payload.length & 0xff, 0, 0, 0, 0]);
  return Buffer.concat([head, payload]);
}

/** What a raw connection tells its owner. Texts are given as the bytes of their frame's payload. */
export interface RawListener {
  onOpen(): void;
  onText(payload: Buffer): void;
  /** Refused upgrades give the status; a cut connection gives 0. */
  onClose(status: number): void;
}

/**
 * A WebSocket on a plain TCP socket, as cheap as it can be made: a generator that is slower than the server
 * measures itself.
 */
export class RawWebSocket {
  readonly #socket: Socket;
  #rest: Buffer = Buffer.alloc(0);
  #open = false;
  #status = 0;

  constructor(
    port: number,
    head: Buffer,
    private readonly listener: RawListener,
  ) {
    this.#socket = connect({ port, host: '127.0.0.1', noDelay: true });
    this.#socket.on('connect', () => this.#socket.write(head));
    this.#socket.on('data', (data) => this.#take(data));
    this.#socket.on('error', () => this.#socket.destroy());
    this.#socket.on('close', () => this.listener.onClose(this.#status));
  }

  send(frame: Buffer): void {
    this.#socket.write(frame);
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #take(data: Buffer): void {
    this.#rest = this.#rest.length === 0 ? data : Buffer.concat([this.#rest, data]);
    if (!this.#open && !this.#takeHead()) {
      return;
    }
    let at = 0;
    while (at + 2 <= this.#rest.length) {
      const next = this.#takeFrame(at);
      if (next === undefined) {
        break;
      }
      at = next;
    }
    this.#rest = this.#rest.subarray(at);
  }

  #takeHead(): boolean {
    const end = this.#rest.indexOf('\r\n\r\n');
    if (end < 0) {
      return false;
    }
    const status = Number(this.#rest.subarray(9, 12).toString('latin1'));
    this.#rest = this.#rest.subarray(end + 4);
    if (status !== 101) {
      this.#status = status;
      this.#socket.destroy();
      return false;
    }
    this.#open = true;
    this.listener.onOpen();
    return true;
  }

  /** Returns where the next frame begins; undefined while this one is incomplete. */
  #takeFrame(at: number): number | undefined {
    const short = (this.#rest[at + 1] ?? 0) & 0x7f;
    if (short === 127) {
      this.#socket.destroy();
      return undefined;
    }
    const head = short === 126 ? 4 : 2;
    if (at + head > this.#rest.length) {
      return undefined;
    }
    const length = short === 126 ? this.#rest.readUInt16BE(at + 2) : short;
    const end = at + head + length;
    if (end > this.#rest.length) {
      return undefined;
    }
    this.#takeOpcode((this.#rest[at] ?? 0) & 0x0f, this.#rest.subarray(at + head, end));
    return end;
  }

  #takeOpcode(opcode: number, payload: Buffer): void {
    if (opcode === 1) {
      this.listener.onText(payload);
    } else if (opcode === 9) {
      this.#socket.write(Buffer.concat([Buffer.from([0x8a, 0x80 | payload.length, 0, 0, 0, 0]), payload]));
    } else if (opcode === 8) {
      this.#status = payload.length >= 2 ? payload.readUInt16BE(0) : 1005;
      this.#socket.end();
    }
  }
}
