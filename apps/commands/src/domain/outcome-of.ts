import type { CommandOutcome } from '@busbar/domain';
import type { Call } from './command.js';

export interface Summary {
  outcome: CommandOutcome;
  detail: string | null;
}

const saidByStation: ReadonlySet<CommandOutcome> = new Set(['accepted', 'rejected', 'error']);

/** What came of all CALLs together: accepted only if each was, otherwise the first that was not. */
export function summarize(calls: readonly Call[]): Summary {
  const summaries = calls.filter((call) => call.repeats === null).map((call) => ofOne(call, calls));
  const failed = summaries.find((summary) => summary.outcome !== 'accepted');
  return failed ?? summaries[0] ?? { outcome: 'unknown', detail: null };
}

/**
 * A CALL and its repetition are one wish: what the station said of either counts, the later word first; a CALL
 * that may have been written outweighs a repetition that certainly was not.
 */
function ofOne(call: Call, calls: readonly Call[]): Summary {
  const repetition = calls.find((candidate) => candidate.repeats === call.ordinal);
  const attempts = repetition === undefined ? [call] : [repetition, call];
  const chosen =
    attempts.find((attempt) => attempt.outcome !== null && saidByStation.has(attempt.outcome)) ??
    attempts.find((attempt) => attempt.outcome === 'unknown') ??
    call;
  return { outcome: chosen.outcome ?? 'unknown', detail: chosen.detail };
}
