import type { MsgHdrs, NatsConnection } from '@nats-io/transport-node';
import { BusError } from './bus-error.js';

const defaultMaxPayloadBytes = 1024 * 1024;
/** After this many bytes the server is asked to confirm that it has read so far. */
const confirmEveryBytes = 1024 * 1024;
/** What may be on its way to the server, unconfirmed; a stalled server must not fill our memory. */
const unconfirmedBytesMax = 64 * 1024 * 1024;

/** Everything that leaves on a connection passes here, so that its bounds hold for all. */
export class Outbound {
  #maxPayloadBytes: number;
  #unconfirmedBytes = 0;
  #sinceConfirmBytes = 0;
  #confirming = false;

  constructor(
    private readonly connection: NatsConnection,
    private readonly isConnected: () => boolean,
    private readonly isClosing: () => boolean,
  ) {
    this.#maxPayloadBytes = connection.info?.max_payload ?? defaultMaxPayloadBytes;
  }

  get maxPayloadBytes(): number {
    return this.#maxPayloadBytes;
  }

  /** Another server may have another limit, and what was on its way to the old one is gone. */
  connectedAgain(): void {
    this.#maxPayloadBytes = this.connection.info?.max_payload ?? this.#maxPayloadBytes;
    this.#unconfirmedBytes = 0;
    this.#sinceConfirmBytes = 0;
  }

  /** Throws `closed`, `disconnected`, `too-large`, `overloaded`; then nothing was sent. */
  send(subject: string, payload: Buffer, reply?: string, headers?: MsgHdrs): void {
    if (!this.isConnected()) {
      const closed = this.connection.isClosed() || this.isClosing();
      throw new BusError(closed ? 'closed' : 'disconnected', `nothing is sent to ${subject}`);
    }
    if (payload.length > this.#maxPayloadBytes) {
      throw new BusError(
        'too-large',
        `${payload.length} bytes to ${subject}, the server takes ${this.#maxPayloadBytes}`,
      );
    }
    if (this.#unconfirmedBytes > unconfirmedBytesMax) {
      throw new BusError('overloaded', `the server does not read; nothing is sent to ${subject}`);
    }
    try {
      this.connection.publish(subject, payload, {
        ...(reply === undefined ? {} : { reply }),
        ...(headers === undefined ? {} : { headers }),
      });
    } catch (cause) {
      throw new BusError(
        this.connection.isClosed() || this.connection.isDraining() ? 'closed' : 'bad-message',
        subject,
        { cause },
      );
    }
    this.#account(payload.length);
  }

  #account(bytes: number): void {
    this.#unconfirmedBytes += bytes;
    this.#sinceConfirmBytes += bytes;
    if (this.#sinceConfirmBytes >= confirmEveryBytes && !this.#confirming) void this.#confirm();
  }

  async #confirm(): Promise<void> {
    const bytes = this.#unconfirmedBytes;
    this.#confirming = true;
    this.#sinceConfirmBytes = 0;
    try {
      await this.connection.flush();
      this.#unconfirmedBytes = Math.max(0, this.#unconfirmedBytes - bytes);
    } catch {
      // The connection was lost; `connectedAgain` starts the account anew.
    } finally {
      this.#confirming = false;
    }
  }
}
