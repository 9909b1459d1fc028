import { foldIdToken, type IdTokenInfo } from '@busbar/domain';
import type { Decision } from '@busbar/events';

/** What was decided about a token before its transaction is recorded. */
export interface Judgement {
  idTokenInfo: IdTokenInfo;
  reason: string;
  /** Transactions of one key count together. */
  concurrencyKey: string;
  /** Null means no limit. */
  maxConcurrentTransactions: number | null;
  /** False when the authorization service did not answer in time and the policy for its silence stands in. */
  decided: boolean;
}

/** The judgement that the authorization service gave. */
export function judgementOf(decision: Decision): Judgement {
  return { ...decision, decided: true };
}

/**
 * The policy for a silent authorization service: accept and flag. Never Invalid, which a station would cache and
 * lock a driver out with for a fault of ours (rule I-07).
 */
export function judgementInSilence(idToken: string): Judgement {
  return {
    idTokenInfo: { status: 'Accepted' },
    reason: 'authorization-unavailable',
    concurrencyKey: foldIdToken(idToken),
    maxConcurrentTransactions: null,
    decided: false,
  };
}
