import type { Socket } from 'node:net';

/** One direction of a proxied connection: bytes leave in order, each when it is due. */
export class Lane {
  readonly #waiting: { bytes: Buffer; dueAt: number }[] = [];
  #timer: NodeJS.Timeout | undefined;
  #held = false;
  #ended = false;

  constructor(
    private readonly from: Socket,
    private readonly to: Socket,
  ) {}

  push(bytes: Buffer, latencyMs: number): void {
    this.#waiting.push({ bytes, dueAt: performance.now() + latencyMs });
    this.#pump();
  }

  /** The sender has finished; what waits still arrives first. */
  end(): void {
    this.#ended = true;
    this.#pump();
  }

  /** Nothing passes, and the sender's bytes pile up on its own side. */
  hold(): void {
    this.#held = true;
    this.from.pause();
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  pass(): void {
    this.#held = false;
    this.from.resume();
    this.#pump();
  }

  /** Forgets what waits. */
  clear(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#waiting.length = 0;
  }

  #pump(): void {
    if (this.#held || this.#timer) return;
    for (let next = this.#waiting[0]; next; next = this.#waiting[0]) {
      const waitMs = next.dueAt - performance.now();
      if (waitMs > 0) {
        this.#timer = setTimeout(() => {
          this.#timer = undefined;
          this.#pump();
        }, waitMs);
        return;
      }
      this.#waiting.shift();
      this.#write(next.bytes);
    }
    if (this.#ended) this.to.end();
  }

  #write(bytes: Buffer): void {
    if (this.to.destroyed || this.to.write(bytes)) return;
    this.from.pause();
    this.to.once('drain', () => {
      if (!this.#held) this.from.resume();
    });
  }
}
