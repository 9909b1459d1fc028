import { setTimeout as pause } from 'node:timers/promises';
import { Driver } from './driver.js';
import { ChargingStation, type StationOptions } from './station/charging-station.js';

export interface FleetOptions {
  token: string;
  chargeSeconds: number;
  pauseSeconds: number;
  drivers: boolean;
  rampPerSecond: number;
}

/** Many stations, switched on one after the other, each with a driver on its first connector. */
export class Fleet {
  readonly #stations: ChargingStation[] = [];
  readonly #drivers: Driver[] = [];
  readonly #visits: Promise<void>[] = [];
  #stopped = false;

  constructor(private readonly options: FleetOptions) {}

  async start(stations: readonly StationOptions[]): Promise<void> {
    for (const [at, options] of stations.entries()) {
      if (this.#stopped) {
        return;
      }
      if (at > 0) {
        await pause(1000 / this.options.rampPerSecond);
      }
      this.#add(new ChargingStation(options));
    }
  }

  /**
   * Sends the drivers home and switches the stations off. Sessions under way are stopped first, as long as the central
   * system takes that within `withinMs`; what it does not take is lost as in a power cut.
   */
  async stop(withinMs = 3_000): Promise<void> {
    this.#stopped = true;
    for (const driver of this.#drivers) {
      driver.stop();
    }
    const ends = this.#stations.flatMap((station) =>
      station.connectors
        .filter(({ id }) => id > 1 || !this.options.drivers)
        .map((one) => station.end(one, 'PowerLoss')),
    );
    const late = new AbortController();
    const ended = Promise.allSettled([...this.#visits, ...ends]);
    // The pause is given up as soon as the sessions have ended.
    await Promise.race([ended, pause(withinMs, undefined, { signal: late.signal }).catch(() => undefined)]);
    late.abort();
    for (const station of this.#stations) {
      station.stop();
    }
  }

  #add(station: ChargingStation): void {
    this.#stations.push(station);
    station.start();
    const [first] = station.connectors;
    if (this.options.drivers && first !== undefined) {
      const driver = new Driver(station, first, { idTag: this.options.token, ...this.options });
      this.#drivers.push(driver);
      this.#visits.push(driver.run());
    }
  }
}
