import type { AuthorizationStatus, IdTokenInfo, StationId, TenantId } from '@busbar/domain';
import { operation, type Page, type PageRequest } from './operation.js';

export interface IdTokenSettings {
  status: AuthorizationStatus;
  expiresAt: string | null;
  group: string | null;
  /** Null means no limit. */
  maxConcurrentTransactions: number | null;
  /** Station identities where it may charge; null means everywhere. */
  stations: string[] | null;
  sites: string[] | null;
  note: string | null;
}

export interface IdTokenView extends IdTokenSettings {
  idToken: string;
  createdAt: string;
  updatedAt: string;
}

export interface UnknownTokenView {
  idToken: string;
  firstAt: string;
  lastAt: string;
  count: number;
  lastStation: string | null;
}

export interface AuthorizationView {
  id: string;
  at: string;
  idToken: string;
  station: string | null;
  purpose: 'authorize' | 'start' | 'stop';
  status: AuthorizationStatus;
  /** Why, in a closed list of words: docs/authorization.md. */
  reason: string;
  group: string | null;
}

/** One token to be judged. For a stop the status is its standing, and decides nothing. */
export interface DecisionRequest {
  tenant: TenantId;
  station: StationId;
  idToken: string;
  purpose: 'start' | 'stop';
  /** When the transaction began, for the record; the status is judged by today's data (rule S-08). */
  occurredAt: string;
}

export interface Decision {
  idTokenInfo: IdTokenInfo;
  reason: string;
  /**
   * Who counts together, for locking and counting: the folded group when the group exists as a token that has a
   * limit, otherwise the token's own folded text. Whether two tokens are of one group is `idTokenInfo.group`'s to say.
   */
  concurrencyKey: string;
  /** How many open transactions the key may have; null for no limit. Transactions counts, under its lock. */
  maxConcurrentTransactions: number | null;
}

export const authorizationOperations = {
  /** A whole batch at once, in order. Asked by transactions, deadline 1 s. Concurrency is counted by the asker. */
  decide: operation<{ decisions: DecisionRequest[] }, { decisions: Decision[] }>('authorization.decide'),
  put: operation<{ idToken: string; settings: Partial<IdTokenSettings> }, { created: boolean; token: IdTokenView }>(
    'authorization.put',
  ),
  get: operation<{ idToken: string }, IdTokenView>('authorization.get'),
  patch: operation<{ idToken: string; changes: Partial<IdTokenSettings> }, IdTokenView>('authorization.patch'),
  delete: operation<{ idToken: string }, Record<string, never>>('authorization.delete'),
  list: operation<PageRequest & { status?: AuthorizationStatus; group?: string; q?: string }, Page<IdTokenView>>(
    'authorization.list',
  ),
  unknown: operation<PageRequest, Page<UnknownTokenView>>('authorization.unknown'),
  decisions: operation<PageRequest & { idToken?: string; station?: string }, Page<AuthorizationView>>(
    'authorization.decisions',
  ),
} as const;
