import type { IdSource } from '@busbar/domain';
import type { FactType, Report, ReportType } from '@busbar/events';
import type { Changes, StationState } from './station-state.js';
import type { VendorPolicy } from './vendor-policy.js';

/** What the rules need beside the reports. */
export interface RecordContext {
  ids: IdSource;
  vendors: VendorPolicy;
}

/** A report being recorded: where it goes and what it changes. */
export interface Turn<T extends ReportType> {
  report: Report<T>;
  state: StationState;
  changes: Changes;
  context: RecordContext;
}

export function addFact(
  state: StationState,
  type: FactType,
  at: Date,
  data: Record<string, unknown>,
  into: { changes: Changes; context: RecordContext; evseId?: number },
): void {
  into.changes.facts.push({
    id: into.context.ids.next(),
    type,
    tenant: state.station.tenant,
    station: state.station.id,
    stationIdentity: state.station.identity,
    ...(into.evseId === undefined ? {} : { evseId: into.evseId }),
    at: at.toISOString(),
    data,
  });
}

/** Whose row it is. */
export function place(state: StationState) {
  return { tenant: state.station.tenant, station: state.station.id };
}

export function isA<T extends ReportType>(report: Report, type: T): report is Report<T> {
  return report.type === type;
}
