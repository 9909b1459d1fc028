import type { Refusal, Refusals } from '../domain/authentication/refusals.js';
import type { DeviationCount, DeviationCounts } from '../domain/reports/deviation-counts.js';

/** Writes the refusals that were gathered; what could not be written is given back. */
export async function flushRefusals(
  refusals: Refusals,
  write: (refusals: readonly Refusal[]) => Promise<void>,
): Promise<void> {
  const taken = refusals.take();
  if (taken.length === 0) return;
  try {
    await write(taken);
  } catch (error) {
    refusals.restore(taken);
    throw error;
  }
}

/** Writes the counts that were gathered; what could not be written is given back. */
export async function flushDeviations(
  counts: DeviationCounts,
  write: (counts: readonly DeviationCount[]) => Promise<void>,
): Promise<void> {
  const taken = counts.take();
  if (taken.length === 0) return;
  try {
    await write(taken);
  } catch (error) {
    counts.restore(taken);
    throw error;
  }
}
