import { type TransactionFlag, transactionFlags } from '@busbar/events';

/** The flags with `added` and without `removed`, each once, in the order of the published list. */
export function withFlags(
  flags: readonly TransactionFlag[],
  added: readonly TransactionFlag[],
  removed: readonly TransactionFlag[] = [],
): TransactionFlag[] {
  const wanted = new Set([...flags, ...added]);
  for (const flag of removed) wanted.delete(flag);
  return transactionFlags.filter((flag) => wanted.has(flag));
}

/** Whether two lists hold the same flags; both in the order of the published list. */
export function sameFlags(left: readonly TransactionFlag[], right: readonly TransactionFlag[]): boolean {
  return left.length === right.length && left.every((flag, index) => flag === right[index]);
}
