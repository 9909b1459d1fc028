import type { Registration } from '@busbar/domain';
import type { CommandType } from '@busbar/events';
import { ProblemError } from '@busbar/events';
import { rulesOf } from './type-rules.js';

/** Why a registration forbids a command; null when it does not. */
export type Forbidden = 'registration-pending' | 'registration-rejected' | null;

/**
 * While rejected a station answers nothing, so nothing is sent to it (rule R-08). While pending it may be read and
 * set, but not told to start or stop (rule R-07).
 */
export function forbiddenBy(registration: Registration, type: CommandType | 'Call', starts: boolean): Forbidden {
  if (registration === 'rejected') return 'registration-rejected';
  if (registration === 'pending' && (starts || rulesOf(type).needsAcceptance)) return 'registration-pending';
  return null;
}

export function assertAllowed(forbidden: Forbidden): void {
  if (forbidden === null) return;
  const word = forbidden === 'registration-rejected' ? 'rejected' : 'pending';
  throw new ProblemError({
    status: 409,
    code: forbidden,
    detail: `The station's registration is ${word}; this must not be sent to it.`,
  });
}
