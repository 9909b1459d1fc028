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

  stop(): void {
    this.#stopped = true;
    for (const driver of this.#drivers) {
      driver.stop();
    }
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
      void driver.run();
    }
  }
}
