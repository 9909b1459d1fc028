/** `fact-too-large`: a fact would never fit a message of the bus, so it is refused before it is stored. */
export class OutboxError extends Error {
  readonly code = 'fact-too-large';
  readonly retryable = false;

  constructor(detail: string) {
    super(detail);
    this.name = 'OutboxError';
  }
}
