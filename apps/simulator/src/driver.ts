import type { ChargingStation } from './station/charging-station.js';
import type { Connector } from './station/connector.js';

export interface DriverOptions {
  idTag: string;
  chargeSeconds: number;
  pauseSeconds: number;
}

/** A driver who comes again and again: plugs in, shows a card, charges, stops, leaves. */
export class Driver {
  #stopped = false;
  #timer: NodeJS.Timeout | undefined;
  #wake: (() => void) | undefined;

  constructor(
    private readonly station: ChargingStation,
    private readonly connector: Connector,
    private readonly options: DriverOptions,
  ) {}

  /** Runs until `stop`; ends after the visit that is under way. */
  async run(): Promise<void> {
    while (!this.#stopped) {
      await this.#pause(this.options.pauseSeconds * (0.5 + Math.random()));
      if (this.#stopped) {
        return;
      }
      await this.#visit();
    }
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
    this.#wake?.();
  }

  async #visit(): Promise<void> {
    const { station, connector, options } = this;
    if (!station.booted || connector.session !== undefined || !connector.operative) {
      return;
    }
    await station.plugIn(connector);
    const status = await station.present(connector, options.idTag);
    if (status === 'Accepted') {
      await this.#pause(options.chargeSeconds);
      await station.present(connector, options.idTag);
    }
    await station.unplug(connector);
  }

  #pause(seconds: number): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
      this.#timer = setTimeout(resolve, seconds * 1000);
    });
  }
}
