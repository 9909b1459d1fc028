import type { StationId } from '@busbar/domain';
import type { Connection } from './connection.js';

/** All connections of this gateway, and which of them holds which station. */
export class Connections {
  readonly #all: Connection[] = [];
  readonly #holders = new Map<StationId, Connection>();

  /** Every open connection, also those that hold no station yet or any more. Do not keep it. */
  get all(): readonly Connection[] {
    return this.#all;
  }

  get count(): number {
    return this.#all.length;
  }

  get held(): number {
    return this.#holders.size;
  }

  add(connection: Connection): void {
    connection.index = this.#all.length;
    this.#all.push(connection);
  }

  /** Of a closed socket. Touches the station's holder only if it is this very connection. // K-07 */
  remove(connection: Connection): void {
    const last = this.#all.pop();
    if (last !== undefined && last !== connection) {
      last.index = connection.index;
      this.#all[connection.index] = last;
    }
    connection.index = -1;
    this.letGo(connection);
  }

  holder(station: StationId): Connection | undefined {
    return this.#holders.get(station);
  }

  hold(connection: Connection): void {
    this.#holders.set(connection.session.station, connection);
  }

  letGo(connection: Connection): void {
    const { station } = connection.session;
    if (this.#holders.get(station) === connection) this.#holders.delete(station);
  }
}
