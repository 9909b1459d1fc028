/** Counts latencies in buckets of a twentieth of a power of ten, from 10 µs to 100 s: cheap, and exact to 12 %. */
export class Latencies {
  readonly counts: number[] = new Array<number>(141).fill(0);

  record(milliseconds: number): void {
    const bucket = Math.round(20 * Math.log10(Math.max(milliseconds, 0.01) * 100));
    const at = Math.min(Math.max(bucket, 0), this.counts.length - 1);
    this.counts[at] = (this.counts[at] ?? 0) + 1;
  }

  add(counts: readonly number[]): void {
    counts.forEach((count, at) => {
      this.counts[at] = (this.counts[at] ?? 0) + count;
    });
  }

  get total(): number {
    return this.counts.reduce((sum, count) => sum + count, 0);
  }

  /** The latency in milliseconds below which `share` (0..1) of all lie. */
  quantile(share: number): number {
    const wanted = this.total * share;
    let seen = 0;
    for (const [at, count] of this.counts.entries()) {
      seen += count;
      if (seen >= wanted && count > 0) {
        return 10 ** (at / 20) / 100;
      }
    }
    return 0;
  }
}
