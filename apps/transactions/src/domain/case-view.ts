import type { CaseView } from '@busbar/events';
import type { ReconciliationCase } from './ledger.js';

/** A case as it is shown. `identity` is the station's, or undefined while nobody could say. */
export function caseViewOf(one: ReconciliationCase, identity: string | undefined): CaseView {
  return {
    id: one.id,
    kind: one.kind,
    station: identity ?? one.station,
    transaction: one.transaction,
    evidence: one.evidence,
    state: one.end ? 'resolved' : 'open',
    openedAt: one.openedAt.toISOString(),
    resolvedAt: one.end ? one.end.at.toISOString() : null,
    resolvedBy: one.end?.by ?? null,
    resolution: one.end?.resolution ?? null,
  };
}
