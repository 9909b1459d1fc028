import type { StationId, TenantId } from '@busbar/domain';

/** What this service has learnt of stations' identities, kept with its own tables. */
export interface IdentityMemory {
  known(tenant: TenantId, stations: readonly StationId[]): Promise<Map<StationId, string>>;
  /** All stations that are known to have, or to have had, the identity. */
  named(tenant: TenantId, identity: string): Promise<StationId[]>;
  remember(tenant: TenantId, identities: ReadonlyMap<StationId, string>): Promise<void>;
}
