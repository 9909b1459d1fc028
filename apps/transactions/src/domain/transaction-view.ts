import { type Decimal, type FactId, roundDecimal } from '@busbar/domain';
import type { Fact, FactType, TransactionView } from '@busbar/events';
import { energyBetween } from './energy.js';
import type { TransactionRecord } from './transaction-record.js';

/**
 * A transaction as it is shown. `station` is the station's identity, or our own id of it while nobody could say.
 * `registerWh` is the latest register reading of an active transaction.
 */
export function viewOf(
  transaction: TransactionRecord,
  identity: string | undefined,
  registerWh: Decimal | null = null,
): TransactionView {
  const { stop } = transaction;
  const energyWh = stop ? stop.energyWh : energyBetween(transaction.meterStartWh, registerWh);
  return {
    id: transaction.id,
    station: identity ?? transaction.station,
    evseId: transaction.evseId,
    connectorId: transaction.connectorId,
    ocppTransactionId: transaction.ocppTransactionId,
    idToken: transaction.idToken,
    group: transaction.idTokenInfo.group ?? null,
    authorization: transaction.authorizationStatus,
    startedAt: transaction.startedAt.toISOString(),
    stoppedAt: stop ? stop.stoppedAt.toISOString() : null,
    meterStartWh: shownNumber(transaction.meterStartWh) ?? 0,
    meterStopWh: shownNumber(stop?.meterStopWh ?? null),
    energyWh: shownNumber(energyWh),
    stopReason: stop?.reason ?? null,
    state: stop ? 'ended' : 'active',
    offline: transaction.offline,
    flags: transaction.flags,
    reservation: null,
    remoteStartCommandId: transaction.remoteStartCommandId,
    closedBy: stop?.closedBy ?? null,
  };
}

/** An exact decimal as a JSON number of three decimals at most; null when no number can hold it. */
export function shownNumber(value: Decimal | null): number | null {
  if (value === null) return null;
  const number = Number(roundDecimal(value, 3));
  return Number.isFinite(number) ? number : null;
}

/** A fact about a transaction; its data is the transaction as it is shown, and `extra`. */
export function transactionFact(
  id: FactId,
  type: Extract<FactType, `transaction.${string}`>,
  transaction: TransactionRecord,
  identity: string | undefined,
  at: Date,
  extra: Record<string, unknown> = {},
): Fact {
  return {
    id,
    type,
    tenant: transaction.tenant,
    station: transaction.station,
    ...(identity === undefined ? {} : { stationIdentity: identity }),
    evseId: transaction.evseId,
    at: at.toISOString(),
    data: { ...viewOf(transaction, identity), ...extra },
  };
}
