/** Bytes of messages that stations wait on, in the whole gateway. Bounded, so that an outage can't fill the memory. */
export class WaitingBytes {
  #total = 0;

  constructor(private readonly max: number) {}

  get total(): number {
    return this.#total;
  }

  /** False, and nothing is added, when it does not fit. */
  add(bytes: number): boolean {
    if (this.#total + bytes > this.max) return false;
    this.#total += bytes;
    return true;
  }

  remove(bytes: number): void {
    this.#total -= bytes;
  }
}
