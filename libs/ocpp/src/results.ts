import type { CommandOutcome } from '@busbar/domain';
import type { Deviation, OcppVersion } from '@busbar/events';
import { catalogueOf } from './catalogue.js';
import { coercePayload } from './check.js';
import { isRecord } from './json.js';
import type { Leniency } from './tolerance/leniency.js';
import { Notes } from './tolerance/notes.js';
import { openSchema } from './tolerance/open-schema.js';
import { firstViolation, validatorOf } from './validators.js';

export type CheckedResult =
  | { ok: true; payload: Record<string, unknown>; deviations: readonly Deviation[] }
  | { ok: false; detail: string };

const valueMax = 100_000;
const answers: Leniency = { jsonText: ['data'], rules: { data: 'D-02' }, longText: { value: valueMax } };

/**
 * Judges a station's answer to a CALL of ours. Tolerant: missing members, unknown words and long values pass with a
 * note. What is left is a bad response, which ends the CALL as failed at once. Pure; never throws.
 */ // 8.3, M-08
export function checkResult(
  version: OcppVersion,
  action: string,
  payload: unknown,
  options: { strict?: boolean; text?: string } = {},
): CheckedResult {
  const row = catalogueOf(version).rows.get(action);
  if (row === undefined) return { ok: false, detail: 'unknown action' };
  if (validatorOf(row.response)(payload) && isRecord(payload)) return { ok: true, payload, deviations: [] };
  if (options.strict) return { ok: false, detail: describe(row.response, payload) };
  const notes = new Notes();
  const coerced = coercePayload(row.response, payload, answers, notes, options.text, 2);
  const open = openSchema(row.response);
  if (!isRecord(coerced) || !validatorOf(open)(coerced)) return { ok: false, detail: describe(open, coerced) };
  const violation = firstViolation(row.response, coerced);
  if (violation !== undefined) notes.add('8.3', `${violation.pointer}: ${violation.detail}`);
  return { ok: true, payload: coerced, deviations: notes.list };
}

function describe(schema: Parameters<typeof firstViolation>[0], payload: unknown): string {
  const violation = firstViolation(schema, payload);
  return violation === undefined ? 'no object' : `${violation.pointer || 'payload'}: ${violation.detail}`;
}

const acceptedWords = new Set(['Accepted', 'Scheduled', 'RebootRequired', 'Unlocked', 'AcceptedCanceled']);
const wordMax = 64;

/** What a station's answer means for the command; `detail` is its own word, null when it used none. */
export function outcomeOf(payload: Record<string, unknown>): {
  outcome: Extract<CommandOutcome, 'accepted' | 'rejected'>;
  detail: string | null;
} {
  const status = payload['status'];
  if (typeof status !== 'string') return { outcome: 'accepted', detail: null };
  return { outcome: acceptedWords.has(status) ? 'accepted' : 'rejected', detail: status.slice(0, wordMax) };
}
