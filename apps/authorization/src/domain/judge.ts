import type { AuthorizationStatus, IdTokenInfo } from '@busbar/domain';
import type { Decision } from '@busbar/events';
import type { Token } from './token.js';

export type Purpose = 'authorize' | 'start' | 'stop';

/** Why a decision fell as it did; docs/authorization.md says what each word means. */
type Reason =
  | 'accepted'
  | 'accepted-by-cut-value'
  | 'unknown'
  | 'blocked'
  | 'expired'
  | 'standing'
  | 'group-blocked'
  | 'group-expired'
  | 'group-standing'
  | 'not-at-this-location'
  | 'location-unverified';

/** What was found for a presented token. */
export interface Found {
  token: Token;
  /** The group's own token: the group value is one only if it also exists as a token (rule I-06). */
  groupToken: Token | null;
  /** Found by the first 20 characters of an over-long text (rule I-09). */
  byCutValue: boolean;
}

/** Where a station stands. Members are null when nobody knows such a station. */
export interface Place {
  identity: string | null;
  site: string | null;
}

export interface Verdict {
  status: AuthorizationStatus;
  reason: Reason;
  expiresAt: Date | null;
  group: string | null;
  concurrencyKey: string;
  maxConcurrentTransactions: number | null;
}

/**
 * Whether a token may charge here, now (rule I-04): unknown, its own standing, its own expiry, its group's, the
 * place, and else Accepted. Concurrency is counted by transactions, under its lock. `place` is undefined when it
 * could not be learned in time: then the token is not refused for it (rule I-07), and the reason says so.
 */
export function judge(
  found: Found | undefined,
  folded: string,
  purpose: Purpose,
  place: Place | undefined,
  now: Date,
): Verdict {
  if (!found) return unknown(folded);
  const { token, groupToken } = found;
  const verdict = (status: AuthorizationStatus, reason: Reason): Verdict => ({
    status,
    reason,
    expiresAt: earlier(token.expiresAt, groupToken?.expiresAt ?? null),
    group: token.group,
    ...concurrencyOf(token, groupToken),
  });

  const own = standing(token.status, purpose);
  if (own !== 'Accepted')
    return verdict(own, own === 'Blocked' ? 'blocked' : own === 'Expired' ? 'expired' : 'standing');
  if (isOver(token.expiresAt, now)) return verdict('Expired', 'expired');
  const ofGroup = groupToken ? standing(groupToken.status, purpose) : 'Accepted';
  if (ofGroup !== 'Accepted') return verdict(ofGroup, groupReason(ofGroup));
  if (groupToken && isOver(groupToken.expiresAt, now)) return verdict('Expired', 'group-expired');
  if (token.stations !== null || token.sites !== null) {
    if (!place) return verdict('Accepted', 'location-unverified');
    if (!mayChargeAt(token, place)) return verdict('NotAtThisLocation', 'not-at-this-location');
  }
  return verdict('Accepted', found.byCutValue ? 'accepted-by-cut-value' : 'accepted');
}

/** What a station is told of it. The expiry goes along where it means something (rule I-05). */
export function idTokenInfoOf(verdict: Verdict): IdTokenInfo {
  const { status, expiresAt, group } = verdict;
  const dated = expiresAt !== null && (status === 'Accepted' || status === 'Expired');
  return {
    status,
    ...(dated ? { expiresAt: expiresAt.toISOString() } : {}),
    ...(group === null ? {} : { group }),
  };
}

export function decisionOf(verdict: Verdict): Decision {
  const { reason, concurrencyKey, maxConcurrentTransactions } = verdict;
  return { idTokenInfo: idTokenInfoOf(verdict), reason, concurrencyKey, maxConcurrentTransactions };
}

function unknown(folded: string): Verdict {
  const none = { expiresAt: null, group: null, maxConcurrentTransactions: null };
  return { status: 'Invalid', reason: 'unknown', concurrencyKey: folded, ...none }; // I-02
}

/**
 * Who counts together, and how far. Tokens of a group share its limit when the group exists as a token that has
 * one; otherwise each token counts for itself.
 */
function concurrencyOf(
  token: Token,
  groupToken: Token | null,
): Pick<Verdict, 'concurrencyKey' | 'maxConcurrentTransactions'> {
  const shared = groupToken !== null && groupToken.maxConcurrentTransactions !== null;
  const counted = shared ? groupToken : token;
  return { concurrencyKey: counted.folded, maxConcurrentTransactions: counted.maxConcurrentTransactions };
}

/** ConcurrentTx may be set by hand, but only a start is ever told so: a driver must be able to stop (rule I-03). */
function standing(status: AuthorizationStatus, purpose: Purpose): AuthorizationStatus {
  return status === 'ConcurrentTx' && purpose !== 'start' ? 'Accepted' : status; // I-03
}

function groupReason(status: AuthorizationStatus): Reason {
  if (status === 'Blocked') return 'group-blocked';
  return status === 'Expired' ? 'group-expired' : 'group-standing';
}

/** Either list allows: the stations that are named, and all stations of the sites that are named. */
function mayChargeAt(token: Token, { identity, site }: Place): boolean {
  const named = identity !== null && (token.stations ?? []).includes(identity);
  return named || (site !== null && (token.sites ?? []).includes(site));
}

function isOver(expiresAt: Date | null, now: Date): boolean {
  return expiresAt !== null && expiresAt <= now;
}

function earlier(left: Date | null, right: Date | null): Date | null {
  if (left === null || right === null) return left ?? right;
  return left < right ? left : right;
}
