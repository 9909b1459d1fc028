/**
 * The directory did not answer in time, could not be reached, or refused (loading, read-only, out of memory). What
 * was asked may or may not have happened. Asking again is always allowed.
 */
export class DirectoryError extends Error {
  readonly code = 'unavailable';
  readonly retryable = true;

  constructor(detail: string, options: { cause?: unknown } = {}) {
    super(`the directory is not available: ${detail}`, options);
    this.name = 'DirectoryError';
  }
}
