/**
 * A meter that counts for ever: the register is the integral of power over time, as a real one's is. It counts
 * in watt-milliseconds, so that nothing is lost to rounding between two readings.
 */
export class Meter {
  #wattMilliseconds = 0n;
  #powerW = 0;
  #sinceMs: number;

  /** `startWh` is what the register shows when the station is switched on. */
  constructor(
    startWh: number,
    private readonly nowMs: () => number,
  ) {
    this.#wattMilliseconds = BigInt(startWh) * wattMillisecondsPerWh;
    this.#sinceMs = nowMs();
  }

  /** The register in Wh, whole ones only, as StartTransaction and StopTransaction carry it. */
  get registerWh(): number {
    this.#advance();
    return Number(this.#wattMilliseconds / wattMillisecondsPerWh);
  }

  get powerW(): number {
    return this.#powerW;
  }

  set powerW(powerW: number) {
    this.#advance();
    this.#powerW = Math.round(powerW);
  }

  #advance(): void {
    const nowMs = this.nowMs();
    this.#wattMilliseconds += BigInt(this.#powerW) * BigInt(Math.max(0, Math.round(nowMs - this.#sinceMs)));
    this.#sinceMs = nowMs;
  }
}

const wattMillisecondsPerWh = 3_600_000n;
