import type { Problem } from '@busbar/events';
import type { BusError } from './bus-error.js';

/** A failed ask as a caller outside may see it: whether it was done or not, and when to come back. */
export function busProblem(error: BusError): Problem {
  if (error.code === 'too-large') {
    return { status: 422, code: 'too-large', detail: 'The request is larger than the system takes.' };
  }
  return error.maybeSent
    ? {
        status: 503,
        code: 'no-answer',
        detail: 'No answer came in time; it may have been done. Repeat it with the same Idempotency-Key.',
        retryAfterSeconds: 2,
      }
    : { status: 503, code: 'unavailable', detail: 'Nothing was done. Try again.', retryAfterSeconds: 2 };
}
