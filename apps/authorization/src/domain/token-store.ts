import type { AuthorizationStatus, StationId, TenantId } from '@busbar/domain';
import type {
  AuthorizationView,
  IdTokenSettings,
  IdTokenView,
  Page,
  PageRequest,
  UnknownTokenView,
} from '@busbar/events';

export interface TokenFilter {
  status?: AuthorizationStatus;
  group?: string;
  /** A prefix of the token. */
  q?: string;
}

/** Tokens as operators set them, always within one tenant. Every change is told in the same commit. */
export abstract class TokenStore {
  /** Throws a `ProblemError` 404 `id-token-unknown`. */
  abstract get(tenant: TenantId, idToken: string): Promise<IdTokenView>;
  abstract list(tenant: TenantId, request: PageRequest & TokenFilter): Promise<Page<IdTokenView>>;
  /** Creates or replaces. A replaced token keeps the spelling under which it was first put (rule I-01). */
  abstract put(
    tenant: TenantId,
    idToken: string,
    settings: IdTokenSettings,
    now: Date,
  ): Promise<{ created: boolean; token: IdTokenView }>;
  /** Changes what is given. Throws a `ProblemError` 404 `id-token-unknown`. */
  abstract patch(tenant: TenantId, idToken: string, changes: Partial<IdTokenSettings>, now: Date): Promise<IdTokenView>;
  /** Throws a `ProblemError` 404 `id-token-unknown`. */
  abstract delete(tenant: TenantId, idToken: string, now: Date): Promise<void>;
}

/** A view whose station is still our id of it; the handler knows its identity. */
export type WithStationId<View> = View & { stationId: StationId };

/** What was decided, and which tokens nobody knows; always within one tenant. */
export abstract class DecisionReads {
  abstract decisions(
    tenant: TenantId,
    request: PageRequest & { idToken?: string; station?: StationId },
  ): Promise<Page<WithStationId<AuthorizationView>>>;
  abstract unknown(tenant: TenantId, request: PageRequest): Promise<Page<WithStationId<UnknownTokenView>>>;
}
