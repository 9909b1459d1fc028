import type { StationId, TenantId, TransactionId } from '@busbar/domain';
import type { CaseKind } from '@busbar/events';
import { sql } from '@busbar/persistence';
import type { ReconciliationCase } from '../domain/ledger.js';

/** A row of `transactions.reconciliation_case` as it comes out of Postgres. */
export interface CaseRow {
  id: string;
  tenant_id: TenantId;
  station_id: StationId;
  kind: CaseKind;
  subject_id: string;
  transaction_id: TransactionId | null;
  evidence: Record<string, unknown>;
  opened_at: Date;
  resolved_at: Date | null;
  resolved_by: string | null;
  resolution: string | null;
}

/** The columns of a case, for a table named `c`. */
export const caseColumns = sql`
  c.id, c.tenant_id, c.station_id, c.kind, c.subject_id, c.transaction_id, c.evidence, c.opened_at, c.resolved_at,
  c.resolved_by, c.resolution`;

export function caseOf(row: CaseRow): ReconciliationCase {
  return {
    id: row.id,
    kind: row.kind,
    tenant: row.tenant_id,
    station: row.station_id,
    subject: row.subject_id,
    transaction: row.transaction_id,
    evidence: row.evidence,
    openedAt: row.opened_at,
    end: row.resolved_at && { at: row.resolved_at, by: row.resolved_by ?? '', resolution: row.resolution ?? '' },
  };
}
