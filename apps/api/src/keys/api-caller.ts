import type { TenantId } from '@busbar/domain';
import type { Scope } from '@busbar/events';

/** Who holds the API key of a request. */
export interface ApiCaller {
  keyId: string;
  tenant: TenantId;
  scopes: ReadonlySet<Scope>;
}
