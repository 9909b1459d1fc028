import type { Connection } from '../connection/connection.js';
import type { Stamp } from '../stamp.js';
import type { Reporter } from './reporter.js';

const stationsMax = 1000;

/** Collects which stations sent something, and reports them together: one report for many heartbeats. */
export class SignsOfLife {
  #seen: Connection[] = [];

  constructor(
    private readonly reporter: Reporter,
    private readonly stamp: Stamp,
  ) {}

  note(connection: Connection): void {
    if (connection.seen) return;
    connection.seen = true;
    this.#seen.push(connection);
  }

  /** Every ten seconds. */
  flush(): void {
    const seen = this.#seen.filter((connection) => connection.epoch > 0);
    for (const connection of this.#seen) connection.seen = false;
    this.#seen = [];
    for (let start = 0; start < seen.length; start += stationsMax) {
      const part = seen.slice(start, start + stationsMax);
      const [first] = part;
      if (first === undefined) return;
      const stations = part.map((connection) => ({
        station: connection.session.station,
        epoch: connection.epoch,
        at: this.stamp.ofTick(connection.messageTick),
      }));
      this.reporter.own(first, 'station.seen', { stations });
    }
  }
}
