import type { Logger } from '@busbar/observability';
import type { GatewayMetrics } from '../metrics.js';
import type { Pulse } from '../ownership/pulse.js';
import { type Close, closes } from './close-codes.js';
import type { Connection } from './connection.js';

const heldMax = 20_000;
const dropped = 2;

/**
 * The one place from which anything is written to a station's socket, and the one that closes it.
 *
 * It asks the pulse first: a gateway that may have been displaced while it was frozen must not send. In doubt,
 * answers wait, in order, until the doubt is over (bounded; what does not fit loses its connection).
 */
export class Sender {
  readonly #held: { connection: Connection; frame: string }[] = [];

  constructor(
    private readonly pulse: Pulse,
    private readonly metrics: GatewayMetrics,
    private readonly logger: Logger,
  ) {}

  /**
   * Writes a frame, or keeps it for when the doubt is over. False when it will never be written: the connection
   * is fenced, closed, or is closed by this call because the station does not read.
   */
  send(connection: Connection, frame: string, nowMs: number): boolean {
    if (connection.phase === 'fenced') return false;
    switch (this.pulse.verdict(nowMs)) {
      case 'write':
        return this.#write(connection, frame);
      case 'hold':
        return this.#hold(connection, frame);
      case 'lost':
        return false;
    }
  }

  /** Writes a frame at once or not at all. For CALLs of ours, which their sender can direct elsewhere. */
  sendNow(connection: Connection, frame: string, nowMs: number): boolean {
    if (connection.phase === 'fenced' || this.pulse.verdict(nowMs) !== 'write') return false;
    return this.#write(connection, frame);
  }

  ping(connection: Connection, nowMs: number): void {
    if (connection.phase === 'fenced' || connection.socket === null) return;
    if (this.pulse.verdict(nowMs) === 'write') connection.socket.ping();
  }

  /** The doubt is over: what was kept is written, in order. */
  release(): void {
    for (const { connection, frame } of this.#held.splice(0)) {
      if (connection.phase !== 'fenced') this.#write(connection, frame);
    }
  }

  /** The doubt ended badly: nothing of what was kept may be written. */
  discard(): void {
    this.#held.length = 0;
  }

  /** From now on nothing is sent and nothing that comes counts. The socket stays open until it is closed. */
  fence(connection: Connection): void {
    connection.phase = 'fenced';
  }

  /** Fences, then closes. Harmless on a closed connection. */
  close(connection: Connection, close: Close): void {
    this.fence(connection);
    const { socket } = connection;
    if (socket === null || connection.closedFor !== null) return;
    connection.closedFor = { code: close.code, reason: close.reason };
    this.metrics.hangUp(close.reason);
    if (close.code === 1006) socket.close();
    else socket.end(close.code, close.reason);
  }

  #write(connection: Connection, frame: string): boolean {
    const { socket } = connection;
    if (socket === null) return false;
    if (socket.send(frame) !== dropped) return true;
    // The engine has thrown the frame away, so whatever came after it would be out of order.
    this.logger.info({ station: connection.session.station }, 'the station does not read, the connection is dropped');
    this.close(connection, closes.slowReader);
    return false;
  }

  #hold(connection: Connection, frame: string): boolean {
    if (this.#held.length >= heldMax) {
      this.close(connection, closes.overloaded);
      return false;
    }
    this.#held.push({ connection, frame });
    return true;
  }
}
