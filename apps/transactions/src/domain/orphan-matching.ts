import { compareDecimals } from '@busbar/domain';
import type { OrphanStop, TransactionRecord } from './transaction-record.js';

/**
 * Whether a stop without a usable id can be the end of an open transaction: the same token, a time not before the
 * start, a register not below the start's (rule X-03). A stop without token or register proves nothing and fits
 * none. Both are of the same station.
 */
export function fits(orphan: OrphanStop, transaction: TransactionRecord): boolean {
  return (
    transaction.stop === null &&
    orphan.idTokenFolded !== null &&
    orphan.idTokenFolded === transaction.idTokenFolded &&
    orphan.meterStopWh !== null &&
    orphan.stoppedAt.getTime() >= transaction.startedAt.getTime() &&
    compareDecimals(orphan.meterStopWh, transaction.meterStartWh) >= 0
  );
}

/** The one of them that fits; undefined when none or more than one does, because a guess is not a record. */
export function onlyOne<T>(items: readonly T[], fit: (item: T) => boolean): T | undefined {
  const found = items.filter(fit);
  return found.length === 1 ? found[0] : undefined;
}
