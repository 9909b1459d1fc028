import { compareDecimals, type Decimal, type IdSource, type TransactionId } from '@busbar/domain';
import { type AskContext, type CaseView, ProblemError } from '@busbar/events';
import type { CaseBook, Occasion } from './case-book.js';
import { caseViewOf } from './case-view.js';
import type { EndingBook } from './ending.js';
import type { ReconciliationCase, StationLedger } from './ledger.js';
import type { OrphanBook } from './orphans.js';
import type { TransactionRecord } from './transaction-record.js';

/** A close by hand, as a person asks for it. */
export interface CloseRequest {
  id: TransactionId;
  reason: string;
  closedBy: string;
  meterStopWh: Decimal | null;
}

/** A case's end, as a person asks for it. */
export interface ResolveRequest {
  resolvedBy: string;
  resolution: string;
  /** For an orphan stop: the transaction that it ends. */
  transaction: string | null;
}

/** What people decide about transactions and cases; each inside a transaction that holds the station's lock. */
export class PersonsBook {
  constructor(
    private readonly ids: IdSource,
    private readonly cases: CaseBook,
    private readonly endings: EndingBook,
    private readonly orphans: OrphanBook,
  ) {}

  /**
   * Ends an active transaction by a person's word, audited (rule X-14). Throws problems: 404 `transaction-unknown`,
   * 409 `transaction-ended`, 422 `meter-below-start`.
   */
  async close(
    ledger: StationLedger,
    request: CloseRequest,
    context: AskContext,
    occasion: Occasion,
  ): Promise<TransactionRecord> {
    const transaction = await this.ownTransaction(ledger, request.id, context);
    if (transaction.stop) throw conflict('transaction-ended', 'The transaction has ended already.');
    const { meterStopWh } = request;
    if (meterStopWh !== null && compareDecimals(meterStopWh, transaction.meterStartWh) < 0) {
      throw new ProblemError({
        status: 422,
        code: 'meter-below-start',
        detail: 'A meter does not end below where it began.',
        errors: [{ pointer: '/meterStopWh', detail: `must be at least ${transaction.meterStartWh}` }],
      });
    }
    await ledger.addClosure({
      id: this.ids.next<'closure'>(),
      tenant: transaction.tenant,
      transaction: transaction.id,
      closedBy: request.closedBy,
      reason: request.reason,
      meterStopWh,
      closedAt: occasion.now,
      caller: context.caller,
      requestId: context.requestId,
    });
    const stop = {
      origin: 'person' as const,
      orphanId: null,
      messageId: null,
      timestampText: null,
      meterText: null,
      receivedAt: occasion.now,
      raw: null,
      stoppedAt: occasion.now,
      meterStopWh,
      reason: null,
      idToken: null,
      idTokenInfo: null,
      closedBy: request.closedBy,
    };
    const ending = { stop, implausibleClock: false, flags: ['closed-by-person'] as const };
    return this.endings.end(ledger, transaction, ending, occasion, request.closedBy);
  }

  /**
   * Ends a case; an orphan stop may be given to a transaction of its station that has no stop of its own. Throws
   * problems: 404 `case-unknown` and `transaction-unknown`, 409 `case-resolved` and `transaction-ended`,
   * 422 `case-takes-no-transaction`.
   */
  async resolve(
    ledger: StationLedger,
    id: string,
    request: ResolveRequest,
    context: AskContext,
    occasion: Occasion,
  ): Promise<CaseView> {
    const open = await ledger.caseById(id);
    if (!open || open.tenant !== context.tenant) throw caseUnknown();
    if (open.end) throw conflict('case-resolved', 'The case is resolved already.');
    if (request.transaction !== null) await this.give(ledger, open, request.transaction, request, context, occasion);
    const { resolvedBy, resolution } = request;
    await this.cases.end(ledger, open.subject, [open.kind], { resolution, by: resolvedBy }, occasion);
    const resolved = await ledger.caseById(id);
    if (!resolved) throw caseUnknown();
    return caseViewOf(resolved, occasion.identity);
  }

  private async give(
    ledger: StationLedger,
    open: ReconciliationCase,
    transactionId: string,
    request: ResolveRequest,
    context: AskContext,
    occasion: Occasion,
  ): Promise<void> {
    const orphan = open.kind === 'orphan-stop' ? await ledger.orphanById(open.subject) : undefined;
    if (!orphan) {
      throw new ProblemError({
        status: 422,
        code: 'case-takes-no-transaction',
        detail: 'Only an orphan stop can be given to a transaction.',
        errors: [{ pointer: '/transaction', detail: `a case of kind ${open.kind} takes none` }],
      });
    }
    const transaction = await this.ownTransaction(ledger, transactionId as TransactionId, context);
    if (transaction.stop && transaction.stop.origin !== 'person') {
      throw conflict('transaction-ended', 'The transaction has a stop of its own.');
    }
    if (transaction.stop) await ledger.replaceClosure(transaction.id, occasion.now);
    const person = { name: request.resolvedBy, resolution: request.resolution };
    await this.orphans.join(ledger, transaction, orphan, occasion, { person });
  }

  /** Another station's or tenant's transaction is unknown here, whoever asks. */
  private async ownTransaction(
    ledger: StationLedger,
    id: TransactionId,
    context: AskContext,
  ): Promise<TransactionRecord> {
    const transaction = await ledger.byId(id);
    if (!transaction || transaction.tenant !== context.tenant) throw transactionUnknown();
    return transaction;
  }
}

export function transactionUnknown(): ProblemError {
  return new ProblemError({ status: 404, code: 'transaction-unknown', detail: 'There is no such transaction.' });
}

export function caseUnknown(): ProblemError {
  return new ProblemError({ status: 404, code: 'case-unknown', detail: 'There is no such case.' });
}

function conflict(code: string, detail: string): ProblemError {
  return new ProblemError({ status: 409, code, detail });
}
