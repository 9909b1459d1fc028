/** How much of the stream before a chunk is kept, for a match that spans chunks. */
const tailLengthMax = 512;

/** What a trap does when its pattern has passed. */
export type TrapAction =
  /** The bytes reach the server, then the near side is reset before any reply can return. */
  | 'cut-after-request'
  /** The reply is swallowed; the connection stays. */
  | 'drop-reply'
  /** The near side is reset instead of getting the reply. */
  | 'cut-before-reply';

/** Waits for bytes that match, on any connection of a proxy, and strikes once. */
export class Trap {
  readonly sprung: Promise<void>;
  #spring: () => void = () => undefined;
  #isSet = true;

  constructor(
    readonly action: TrapAction,
    private readonly pattern: RegExp,
  ) {
    this.sprung = new Promise((resolve) => {
      this.#spring = resolve;
    });
  }

  /** True exactly once: for the bytes that complete a match. `tail` is what came before on the same connection. */
  springs(tail: string, bytes: Buffer): boolean {
    // A pattern with the flag g would remember where it was; search() always begins at the beginning.
    if (!this.#isSet || (tail + bytes.toString('latin1')).search(this.pattern) === -1) return false;
    this.#isSet = false;
    this.#spring();
    return true;
  }
}

/** The end of a stream, as the next chunk's tail. */
export function tailAfter(tail: string, bytes: Buffer): string {
  return (tail + bytes.toString('latin1')).slice(-tailLengthMax);
}
