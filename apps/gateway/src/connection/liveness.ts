import type { Stamp } from '../stamp.js';
import { closes } from './close-codes.js';
import type { Connection } from './connection.js';
import type { Connections } from './connections.js';
import type { Sender } from './sender.js';

export interface LivenessLimits {
  pingEverySeconds: number;
  /** For a station that has answered a ping on this connection: so long without any frame. */
  silentSecondsMax: number;
  /** For others: three heartbeat intervals without a whole message, and at least this. // K-03 */
  silentSecondsMin: number;
  /** After this long without a CALL a connection may be sent CALLs all the same. // K-11 */
  readyAfterSeconds: number;
  /** Answers are kept for retransmissions; a station that has been quiet for so long sends none. */
  forgetAnswersSeconds: number;
}

export const livenessLimits: LivenessLimits = {
  pingEverySeconds: 30,
  silentSecondsMax: 60,
  silentSecondsMin: 90,
  readyAfterSeconds: 30,
  forgetAnswersSeconds: 900,
};

/**
 * Pings stations and closes those that have fallen silent. One timer looks at all connections, which takes a
 * millisecond for ten thousand: a timer per connection would cost more memory than the connection.
 */
export class Liveness {
  constructor(
    private readonly connections: Connections,
    private readonly sender: Sender,
    private readonly stamp: Stamp,
    private readonly limits: LivenessLimits,
    private readonly onReady: (connection: Connection) => void,
  ) {}

  /** So that the stations of a storm are not pinged all at once for ever after. */
  firstPing(connection: Connection, random: number): void {
    connection.pingTick = connection.connectedTick - Math.floor(random * this.limits.pingEverySeconds);
  }

  /** Any frame, a ping or pong included. */
  frame(connection: Connection, nowMs: number): void {
    connection.frameTick = this.stamp.tick(nowMs);
  }

  pong(connection: Connection, nowMs: number): void {
    connection.frameTick = this.stamp.tick(nowMs);
    connection.answeredPing = true;
  }

  /** Once a second. */
  sweep(nowMs: number): void {
    const tick = this.stamp.tick(nowMs);
    const { all } = this.connections;
    // From the end, because closing one moves the last into its place.
    for (let at = all.length - 1; at >= 0; at -= 1) {
      const connection = all[at];
      if (connection !== undefined) this.#look(connection, tick, nowMs);
    }
  }

  #look(connection: Connection, tick: number, nowMs: number): void {
    const { limits } = this;
    if (this.#silent(connection, tick)) {
      this.sender.close(connection, closes.silent);
      return;
    }
    if (tick - connection.pingTick >= limits.pingEverySeconds) {
      connection.pingTick = tick;
      this.sender.ping(connection, nowMs);
    }
    const held = connection.phase === 'held';
    if (held && !connection.ready && tick - connection.connectedTick >= limits.readyAfterSeconds) {
      this.onReady(connection);
    }
    if (connection.answered !== null && tick - connection.messageTick >= limits.forgetAnswersSeconds) {
      connection.answered = null;
    }
  }

  #silent(connection: Connection, tick: number): boolean {
    const { silentSecondsMax, silentSecondsMin } = this.limits;
    if (connection.answeredPing) return tick - connection.frameTick >= silentSecondsMax;
    const max = Math.max(3 * connection.session.heartbeatIntervalSeconds, silentSecondsMin);
    return tick - connection.messageTick >= max;
  }
}
