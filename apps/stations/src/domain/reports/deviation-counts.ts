import { type StationId, storableText, type TenantId } from '@busbar/domain';
import type { DeviationSeen } from './station-state.js';

export interface DeviationCount {
  tenant: TenantId;
  station: StationId;
  rule: string;
  count: number;
  firstAt: Date;
  lastAt: Date;
  example: string;
}

const pendingMax = 10_000;
const ruleMax = 20;
const exampleMax = 500;

/**
 * Counts what was tolerated until it is written, once a second: worth knowing, not worth a row lock for every
 * report of every station with an odd clock. What does not fit is dropped and counted.
 */
export class DeviationCounts {
  readonly #pending = new Map<string, DeviationCount>();
  #dropped = 0;

  add(seen: DeviationSeen): void {
    const rule = storableText(seen.rule, ruleMax);
    const { tenant, station, at } = seen;
    const example = storableText(seen.example, exampleMax);
    this.#merge({ tenant, station, rule, count: 1, firstAt: at, lastAt: at, example });
  }

  take(): DeviationCount[] {
    const taken = [...this.#pending.values()];
    this.#pending.clear();
    return taken;
  }

  /** Gives back what could not be written. */
  restore(counts: readonly DeviationCount[]): void {
    for (const count of counts) this.#merge(count);
  }

  /** How many were not counted since the start. */
  get dropped(): number {
    return this.#dropped;
  }

  #merge(count: DeviationCount): void {
    const key = `${count.station}/${count.rule}`;
    const known = this.#pending.get(key);
    if (known) {
      known.count += count.count;
      if (count.lastAt > known.lastAt) known.lastAt = count.lastAt;
      if (count.firstAt < known.firstAt) known.firstAt = count.firstAt;
      known.example = count.example;
    } else if (this.#pending.size < pendingMax) {
      this.#pending.set(key, { ...count });
    } else {
      this.#dropped += 1;
    }
  }
}
