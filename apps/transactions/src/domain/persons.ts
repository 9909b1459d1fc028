import {
  type Clock,
  type CommandId,
  type Decimal,
  type IdSource,
  parseDecimal,
  roundDecimal,
  type TransactionId,
} from '@busbar/domain';
import {
  type AskContext,
  type CaseView,
  ProblemError,
  type TransactionView,
  transactionOperations,
} from '@busbar/events';
import type { Ledger } from './ledger.js';
import { type PersonsBook, transactionUnknown } from './persons-book.js';
import type { Queries } from './queries.js';
import { transactionFact, viewOf } from './transaction-view.js';

/** What people and other services ask to have changed; each in one transaction, once per idempotency key. */
export class Persons {
  constructor(
    private readonly ledger: Ledger,
    private readonly book: PersonsBook,
    private readonly queries: Queries,
    private readonly clock: Clock,
    private readonly ids: IdSource,
  ) {}

  async close(
    request: { id: string; reason: string; closedBy: string; meterStopWh?: number },
    context: AskContext,
  ): Promise<TransactionView> {
    const meterStopWh = request.meterStopWh === undefined ? null : exact(request.meterStopWh);
    const station = await this.queries.stationOf(request.id, context);
    const identity = await this.queries.identityOf(station, context);
    const { reason, closedBy } = request;
    const close = { id: request.id as TransactionId, reason, closedBy, meterStopWh };
    const operation = transactionOperations.close.name;
    return this.ledger.forRequest(station, { context, operation }, async (ledger) => {
      const closed = await this.book.close(ledger, close, context, { identity, now: this.clock.now() });
      return viewOf(closed, identity);
    });
  }

  async resolveCase(
    request: { id: string; resolvedBy: string; resolution: string; transaction?: string },
    context: AskContext,
  ): Promise<CaseView> {
    const station = await this.queries.stationOfCase(request.id, context);
    const identity = await this.queries.identityOf(station, context);
    const { resolvedBy, resolution, transaction = null } = request;
    const operation = transactionOperations.resolveCase.name;
    return this.ledger.forRequest(station, { context, operation }, (ledger) => {
      const occasion = { identity, now: this.clock.now() };
      return this.book.resolve(ledger, request.id, { resolvedBy, resolution, transaction }, context, occasion);
    });
  }

  /** Says which command a transaction was started by. The first word stands; repeats are harmless (rule S-15). */
  async linkRemoteStart(request: { id: string; command: CommandId }, context: AskContext): Promise<void> {
    const station = await this.queries.stationOf(request.id, context);
    const identity = await this.queries.identityOf(station, context);
    await this.ledger.forStation(station, async (ledger) => {
      const transaction = await ledger.byId(request.id as TransactionId);
      if (!transaction || transaction.tenant !== context.tenant) throw transactionUnknown();
      if (transaction.remoteStartCommandId !== null) return;
      const linked = { ...transaction, remoteStartCommandId: request.command };
      await ledger.save(linked);
      ledger.record(
        transactionFact(this.ids.next<'fact'>(), 'transaction.updated', linked, identity, this.clock.now()),
      );
    });
  }
}

/** A JSON number as the exact decimal that a person typed, at most three decimals. */
function exact(number: number): Decimal {
  const value = parseDecimal(String(number));
  if (value !== undefined && number >= 0) return roundDecimal(value, 3);
  const errors = [{ pointer: '/meterStopWh', detail: 'must be a number of 0 or more' }];
  throw new ProblemError({ status: 422, code: 'meter-invalid', detail: 'The meter reading is no number.', errors });
}
