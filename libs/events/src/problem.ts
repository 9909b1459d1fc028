/** One member of a body that is wrong: where (a JSON pointer) and why. */
export interface ProblemDetail {
  pointer: string;
  detail: string;
}

/**
 * A refusal that a caller can act on. Services answer with it, the HTTP API shows it as RFC 9457 `problem+json`.
 * `code` is stable and documented in docs/errors.md; `detail` is for people.
 */
export interface Problem {
  status: 400 | 401 | 403 | 404 | 409 | 422 | 429 | 500 | 503;
  code: string;
  detail: string;
  errors?: ProblemDetail[];
  retryAfterSeconds?: number;
}

/** Thrown by a service's domain; crosses the bus as a `Problem`. */
export class ProblemError extends Error {
  readonly code: string;

  constructor(readonly problem: Problem) {
    super(problem.detail);
    this.name = 'ProblemError';
    this.code = problem.code;
  }
}
