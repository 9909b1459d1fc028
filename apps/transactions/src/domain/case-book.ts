import type { IdSource, StationId, TenantId, TransactionId } from '@busbar/domain';
import type { CaseKind, Fact, FactType } from '@busbar/events';
import type { OpenedCase, ReconciliationCase, StationLedger } from './ledger.js';

/** Who the station is for people, and what time it is. */
export interface Occasion {
  identity: string | undefined;
  now: Date;
}

/** Who ends a case when no person does. */
const byRule = 'busbar';

/** Opens and ends cases, each with its fact. A subject has at most one open case of a kind. */
export class CaseBook {
  constructor(private readonly ids: IdSource) {}

  async open(
    ledger: StationLedger,
    kind: CaseKind,
    about: { tenant: TenantId; station: StationId; subject: string; transaction: TransactionId | null },
    evidence: Record<string, unknown>,
    occasion: Occasion,
  ): Promise<void> {
    const opened: OpenedCase = { id: this.ids.next<'case'>(), kind, ...about, evidence, openedAt: occasion.now };
    if (await ledger.openCase(opened)) ledger.record(this.fact('case.opened', opened, occasion, { evidence }));
  }

  /** Ends the open cases of these kinds about a subject; gives those that it ended. */
  async end(
    ledger: StationLedger,
    subject: string,
    kinds: readonly CaseKind[],
    how: { resolution: string; by?: string; transaction?: TransactionId },
    occasion: Occasion,
  ): Promise<ReconciliationCase[]> {
    const { resolution, by = byRule, transaction = null } = how;
    const ended = await ledger.endCases(subject, kinds, { at: occasion.now, by, resolution }, transaction);
    for (const one of ended) {
      ledger.record(this.fact('case.resolved', one, occasion, { resolvedBy: by, resolution }));
    }
    return ended;
  }

  private fact(type: FactType, about: OpenedCase, occasion: Occasion, extra: Record<string, unknown>): Fact {
    return {
      id: this.ids.next<'fact'>(),
      type,
      tenant: about.tenant,
      station: about.station,
      ...(occasion.identity === undefined ? {} : { stationIdentity: occasion.identity }),
      at: occasion.now.toISOString(),
      data: { id: about.id, kind: about.kind, transaction: about.transaction, ...extra },
    };
  }
}
