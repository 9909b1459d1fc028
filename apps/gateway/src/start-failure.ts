/** A start that can't be, told in one sentence that says what to change. Ends the process with 1. */
export class StartFailure extends Error {
  readonly code = 'start-failed';

  constructor(sentence: string, options: { cause?: unknown } = {}) {
    super(sentence, options);
    this.name = 'StartFailure';
  }
}
