import type { StationId, TenantId } from '@busbar/domain';

/** What a station said of its variables, on the way to the stations service. */
export interface VariableReport {
  tenant: TenantId;
  station: StationId;
  at: Date;
  variables: { key: string; value?: string; readonly?: boolean }[];
  unknownKeys: string[];
}
