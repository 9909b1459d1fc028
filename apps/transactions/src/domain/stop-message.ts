import type { IdTokenInfo } from '@busbar/domain';
import type { Answers, Report, TransactionFlag } from '@busbar/events';
import type { Occasion } from './case-book.js';
import type { Judgement } from './judgement.js';

export interface StopContext extends Occasion {
  /** Undefined when the stop names no token, or nobody could judge it. */
  judgement: Judgement | undefined;
  /** Flags that the way here earned. */
  flags: readonly TransactionFlag[];
}

/** The id as a number if it can be one of ours (rule S-03); -1, 0, huge numbers and words can't (rule X-04). */
export function usableId(text: string): number | null {
  if (!/^\d{1,10}$/.test(text)) return null;
  const number = Number(text);
  return number >= 1 && number <= 2_147_483_647 ? number : null;
}

/** The token that a stop names; an empty one is none (rule X-07). */
export function tokenOf(report: Report<'transaction.ended'>): string | null {
  const { idToken } = report.data;
  return idToken === undefined || idToken.trim() === '' ? null : idToken;
}

/** What a stop is answered with (rule I-08). */
export function answerOfStop(idTokenInfo: IdTokenInfo | null): Answers['transaction.ended'] {
  return idTokenInfo ? { idTokenInfo } : {};
}
