const waitMsMin = 100;
const waitMsMax = 2_000;

interface Waiting {
  until: number;
  waitMs: number;
}

/** Which shards wait after a failure: 100 ms at first, twice as long each time, two seconds at most. */
export class ShardBackOff {
  readonly #waiting = new Map<number, Waiting>();

  /** How many shards have failed and not succeeded since. */
  get failing(): number {
    return this.#waiting.size;
  }

  /** Those of `shards` that may be tried now. */
  ready(shards: readonly number[]): number[] {
    const now = performance.now();
    return shards.filter((shard) => (this.#waiting.get(shard)?.until ?? 0) <= now);
  }

  /** Forgets the shards that are not held any more. */
  keep(held: ReadonlySet<number>): void {
    for (const shard of this.#waiting.keys()) {
      if (!held.has(shard)) this.#waiting.delete(shard);
    }
  }

  failed(shard: number): void {
    const waitMs = Math.min((this.#waiting.get(shard)?.waitMs ?? waitMsMin / 2) * 2, waitMsMax);
    this.#waiting.set(shard, { waitMs, until: performance.now() + waitMs });
  }

  succeeded(shard: number): void {
    this.#waiting.delete(shard);
  }
}
