import type { Deviation, OcppVersion } from '@busbar/events';
import { type ActionRow, catalogueOf } from './catalogue.js';
import { holdsStorableText, isRecord } from './json.js';
import type { RpcError } from './rpc/error-code.js';
import type { Schema } from './schema.js';
import { type Coercion, coerce } from './tolerance/coerce.js';
import { payloadWithDigits } from './tolerance/digits.js';
import type { Leniency } from './tolerance/leniency.js';
import { Notes } from './tolerance/notes.js';
import { errorOf, firstViolation, type Violation, validatorOf } from './validators.js';

export interface CheckOptions {
  /** Plain schema validation, for the test tool and for vendors. */
  strict?: boolean;
  /** The frame that the payload came in, from which numbers take their own digits. */
  text?: string;
  /** Who sent it: a station by default; a station that checks our CALLs says `central`. */
  from?: 'station' | 'central';
}

export type CheckedCall =
  | { ok: true; payload: Record<string, unknown>; deviations: readonly Deviation[] }
  | { ok: false; error: RpcError };

const none: readonly Deviation[] = Object.freeze([]);

/**
 * Judges the CALL of a station: the payload to lift and what was tolerated in it, or the CALLERROR to answer with.
 * A payload that passes the schema is given back as it is. Pure; never throws. Rules §8.2, M-17 to M-21.
 */
export function checkCall(
  version: OcppVersion,
  action: string,
  payload: unknown,
  options: CheckOptions = {},
): CheckedCall {
  const catalogue = catalogueOf(version);
  const row = catalogue.rows.get(action);
  if (row === undefined) return refuse('NotImplemented', 'unknown action'); // M-17
  const other = options.from === 'central' ? 'station' : 'central';
  if (row.sender === other) return refuse('NotSupported', `${action} is not for this side to send`); // M-17
  if (options.from !== 'central' && catalogue.notYet.has(action)) {
    return refuse('NotSupported', `${action} is not supported`); // M-17
  }
  if (validatorOf(row.request)(payload) && isRecord(payload) && clean(options.text)) {
    return { ok: true, payload, deviations: none };
  }
  return options.strict ? checkStrictly(row, payload) : checkTolerantly(row, payload, options.text);
}

/** Without an escape no text of the frame can hold a NUL or half a surrogate pair. */
function clean(text: string | undefined): boolean {
  return text === undefined || !text.includes('\\u');
}

function refuse(code: RpcError['code'], description: string): CheckedCall {
  return { ok: false, error: { code, description } };
}

function checkStrictly(row: ActionRow, payload: unknown): CheckedCall {
  const violation = firstViolation(row.request, payload);
  if (violation !== undefined) return { ok: false, error: errorOf(violation) };
  if (!isRecord(payload)) return refuse('FormatViolation', 'payload: no object');
  if (!row.leniency?.rawText && !holdsStorableText(payload)) {
    return refuse('FormatViolation', 'payload: a text holds a character that is none'); // 8.2.8
  }
  return { ok: true, payload, deviations: none };
}

function checkTolerantly(row: ActionRow, payload: unknown, text: string | undefined): CheckedCall {
  const leniency = row.leniency ?? {};
  const notes = new Notes();
  const nothing = leniency.minimum?.length === 0 && !isRecord(payload);
  if (nothing) notes.add('M-21', 'payload: no object'); // M-21
  const coerced = coercePayload(row.request, nothing ? {} : payload, leniency, notes, text, 3);
  if (leniency.minimum === undefined) {
    const violation = firstViolation(row.request, coerced);
    if (violation !== undefined) return { ok: false, error: errorOf(violation) }; // M-18, M-19, M-20
    return isRecord(coerced) ? accept(coerced, notes) : refuse('FormatViolation', 'payload: no object');
  }
  if (!isRecord(coerced)) return refuse('FormatViolation', 'payload: no object'); // M-20
  const missing = leniency.minimum
    .map((name) => lacks(row.request, coerced, name))
    .find((found) => found !== undefined);
  return missing === undefined ? accept(coerced, notes) : { ok: false, error: errorOf(missing) };
}

function accept(payload: Record<string, unknown>, notes: Notes): CheckedCall {
  return { ok: true, payload, deviations: notes.list };
}

function lacks(schema: Schema, payload: Record<string, unknown>, name: string): Violation | undefined {
  const pointer = `/${name}`;
  if (payload[name] === undefined) return { pointer, keyword: 'required', detail: 'required' };
  const type = schema.properties?.[name]?.type === 'string' ? 'string' : 'number';
  return typeof payload[name] === type ? undefined : { pointer, keyword: 'type', detail: `not of type ${type}` };
}

/** Coerces once, and once more with the numbers' own digits where they turned out to matter. */
export function coercePayload(
  schema: Schema,
  payload: unknown,
  leniency: Leniency,
  notes: Notes,
  text: string | undefined,
  element: number,
): unknown {
  const walk: Coercion = { leniency, notes, digitsNeeded: false };
  let coerced = coerce(schema, payload, '', walk);
  if (walk.digitsNeeded && text !== undefined) {
    coerced = coerce(schema, payloadWithDigits(text, element), '', walk);
  }
  if (!isRecord(coerced)) return coerced;
  for (const [name, value] of Object.entries(leniency.defaults ?? {})) {
    if (coerced[name] !== undefined) continue;
    coerced[name] = value;
    notes.add('8.2.4', `/${name}: missing, taken as ${value}`);
  }
  return coerced;
}
