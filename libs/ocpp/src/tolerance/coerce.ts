import { isRecord, isStorable } from '../json.js';
import type { Schema } from '../schema.js';
import { readLooseTime, readRfc3339 } from '../time.js';
import type { Leniency } from './leniency.js';
import type { Notes } from './notes.js';

/** A number with the digits that the station wrote. */
export class WireNumber {
  constructor(
    readonly value: number,
    readonly source: string,
  ) {}
}

/** What one walk over a payload knows. */
export interface Coercion {
  leniency: Leniency;
  notes: Notes;
  /** Set when a number's own digits would have mattered and only its value was there. */
  digitsNeeded: boolean;
}

/**
 * The value as the schema wants it, as far as that loses nothing: a copy, never the original. What cannot be made
 * to fit is left as it came, for the schema or the lift to judge. `path` has `*` for indices.
 */ // 8.2
export function coerce(schema: Schema, value: unknown, path: string, walk: Coercion): unknown {
  switch (schema.type) {
    case 'object':
      return isRecord(value) && !(value instanceof WireNumber) ? coerceObject(schema, value, path, walk) : plain(value);
    case 'array':
      return coerceArray(schema, value, path, walk);
    case 'string':
      return coerceText(schema, value, path, walk);
    case 'boolean':
      return coerceBoolean(value, path, walk);
    default:
      return coerceNumber(schema, value, path, walk);
  }
}

function coerceObject(schema: Schema, value: Record<string, unknown>, path: string, walk: Coercion): unknown {
  const members = schema.properties ?? {};
  const result: Record<string, unknown> = {};
  for (const [name, member] of Object.entries(members)) {
    if (!Object.hasOwn(value, name)) continue;
    const found = value[name];
    if (found === null) walk.notes.add('8.2.2', `${path}/${name}: null`);
    else result[name] = coerce(member, found, `${path}/${name}`, walk);
  }
  for (const name of Object.keys(value)) {
    if (!Object.hasOwn(members, name)) walk.notes.add('M-18', `${path}/${name.slice(0, 64)}: unknown member`); // M-18
  }
  return result;
}

function coerceArray(schema: Schema, value: unknown, path: string, walk: Coercion): unknown {
  const { items } = schema;
  if (items === undefined) return plain(value);
  if (Array.isArray(value)) return value.map((item) => coerce(items, item, `${path}/*`, walk));
  if (!isRecord(value) || value instanceof WireNumber || walk.leniency.minimum === undefined) return plain(value);
  walk.notes.add('8.2.3', `${path}: one object instead of a list`);
  return [coerce(items, value, `${path}/*`, walk)];
}

function coerceText(schema: Schema, value: unknown, path: string, walk: Coercion): unknown {
  const sent = asText(value, path, walk);
  if (sent === undefined) {
    if (walk.leniency.minimum !== undefined) note(walk, '8.2.6', path, 'no text');
    return plain(value);
  }
  const text = storable(sent, path, walk);
  if (schema.enum !== undefined) return matchWord(schema.enum, text, path, walk);
  if (schema.format === 'date-time') return coerceTime(text, path, walk);
  return cut(schema, text, path, walk);
}

function asText(value: unknown, path: string, walk: Coercion): string | undefined {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || value instanceof WireNumber || typeof value === 'boolean') {
    note(walk, '8.2.3', path, `${typeof value === 'boolean' ? 'boolean' : 'number'} instead of text`);
    if (typeof value === 'number') walk.digitsNeeded = true;
    return value instanceof WireNumber ? value.source : String(value);
  }
  if (typeof value === 'object' && value !== null && walk.leniency.jsonText?.includes(nameOf(path))) {
    note(walk, '8.2.3', path, 'JSON instead of text');
    return JSON.stringify(plain(value)); // D-02
  }
  return undefined;
}

/** A NUL and half a surrogate pair can be written as escapes, and no database takes them. */
function storable(text: string, path: string, walk: Coercion): string {
  if (walk.leniency.rawText || isStorable(text)) return text;
  note(walk, '8.2.8', path, 'a character that is none');
  return text.toWellFormed().replaceAll('\0', '\ufffd');
}

/** The schema's spelling of a word that differs in case or outer blanks only; otherwise the text as it came. */
function matchWord(words: readonly string[], text: string, path: string, walk: Coercion): string {
  if (words.includes(text)) return text;
  const folded = text.trim().toLowerCase();
  const match = words.find((word) => word.toLowerCase() === folded);
  if (match === undefined) return text;
  note(walk, '8.2.3', path, 'other case');
  return match;
}

/** Messages that are always answered keep the station's text, since it is part of a key; the lift reads it. */
function coerceTime(text: string, path: string, walk: Coercion): string {
  if (walk.leniency.minimum !== undefined || readRfc3339(text) !== undefined) return text;
  const time = readLooseTime(text);
  if (time === undefined) return text;
  walk.notes.add('8.1', `${path}: ${time.fault}`);
  return time.text;
}

function cut(schema: Schema, text: string, path: string, walk: Coercion): string {
  const lengthMax = schema.maxLength;
  if (lengthMax === undefined || text.length <= lengthMax) return text;
  const characters = [...text];
  if (characters.length <= lengthMax) return text;
  const kept = Math.max(lengthMax, walk.leniency.longText?.[nameOf(path)] ?? 0);
  note(walk, '8.2.4', path, `over ${lengthMax} characters`);
  return characters.length <= kept ? text : characters.slice(0, kept).join('');
}

const integerText = /^[+-]?\d{1,15}(\.0{1,15})?$/;
const numberText = /^[+-]?\d{1,15}(\.\d{1,15})?$/;

function coerceNumber(schema: Schema, value: unknown, path: string, walk: Coercion): unknown {
  if (typeof value === 'string') {
    const text = value.trim();
    if (!(schema.type === 'integer' ? integerText : numberText).test(text)) return value;
    note(walk, '8.2.3', path, 'text instead of a number');
    return Number(text);
  }
  const number = value instanceof WireNumber ? value.value : value;
  if (typeof number !== 'number') return plain(value);
  if (schema.type === 'number' || Number.isSafeInteger(number) || walk.leniency.minimum === undefined) return number;
  // A fraction or a number beyond 2^53 stays text with the station's own digits. // X-04
  if (value instanceof WireNumber) return value.source;
  walk.digitsNeeded = true;
  return String(number);
}

function coerceBoolean(value: unknown, path: string, walk: Coercion): unknown {
  if (typeof value === 'boolean') return value;
  const text = value instanceof WireNumber ? String(value.value) : String(value).trim().toLowerCase();
  if (text !== 'true' && text !== 'false' && text !== '1' && text !== '0') return plain(value);
  note(walk, '8.2.3', path, `${typeof value === 'string' ? 'text' : 'number'} instead of a boolean`);
  return text === 'true' || text === '1';
}

/** A copy without `WireNumber`s. */
function plain(value: unknown): unknown {
  if (value instanceof WireNumber) return value.value;
  if (Array.isArray(value)) return value.map(plain);
  if (!isRecord(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, plain(member)]));
}

function note(walk: Coercion, rule: string, path: string, what: string): void {
  walk.notes.add(walk.leniency.rules?.[nameOf(path)] ?? rule, `${path}: ${what}`);
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
