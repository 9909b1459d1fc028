import type { Clock, StationId } from '@busbar/domain';

const windowMs = 60_000;
const stationsMax = 100_000;

interface History {
  since: number;
  connects: number;
  takeovers: number;
  heldUntil: number;
}

export interface FlappingOptions {
  /** This many authenticated connects of one station within a minute, and it is held. */
  connectsMax: number;
  /** More take-overs of one station within a minute than this are an alarm. // K-06 */
  takeoversMax: number;
  holdMs: number;
}

/**
 * Sees stations that connect again and again, such as two devices with the credentials of one. Both are in the
 * right as far as we can know, so nobody is chosen: the identity is held for a while, and the alarm says why.
 */
export class Flapping {
  readonly #records = new Map<StationId, History>();

  constructor(
    private readonly clock: Clock,
    private readonly options: FlappingOptions,
  ) {}

  /** Counts an authenticated connect. `held`: refuse it; `begins` is true for the first one refused. */
  connects(station: StationId): { held: boolean; begins: boolean } {
    const record = this.#record(station);
    const now = this.clock.monotonicMs();
    if (now < record.heldUntil) return { held: true, begins: false };
    record.connects += 1;
    if (record.connects <= this.options.connectsMax) return { held: false, begins: false };
    record.heldUntil = now + this.options.holdMs;
    return { held: true, begins: true };
  }

  /** Counts a take-over of a living connection; true exactly when the alarm is due. */
  takenOver(station: StationId): boolean {
    const record = this.#record(station);
    record.takeovers += 1;
    return record.takeovers === this.options.takeoversMax + 1;
  }

  get stations(): number {
    return this.#records.size;
  }

  #record(station: StationId): History {
    const now = this.clock.monotonicMs();
    const known = this.#records.get(station);
    if (known !== undefined && !this.#over(known, now)) return known;
    const fresh = { since: now, connects: 0, takeovers: 0, heldUntil: 0 };
    // Deleted first, so that the map stays in the order in which windows began.
    this.#records.delete(station);
    this.#records.set(station, fresh);
    this.#prune(now);
    return fresh;
  }

  #over(record: History, now: number): boolean {
    return now - record.since >= windowMs && now >= record.heldUntil;
  }

  #prune(now: number): void {
    for (const [station, record] of this.#records) {
      if (!this.#over(record, now) && this.#records.size <= stationsMax) return;
      this.#records.delete(station);
    }
  }
}
