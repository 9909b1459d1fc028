import type { Decimal } from '@busbar/domain';
import { parseDecimal } from '@busbar/domain';
import { readLooseTime, readRfc3339 } from '../../time.js';
import type { Notes } from '../../tolerance/notes.js';

/** What the database keeps a connector's number in. */
const connectorMax = 32_767;

/** Connector n is EVSE n, connector 1; connector 0 is the station itself. */
export function readConnector(value: unknown, notes: Notes): { evseId: number; connectorId: number } {
  if (typeof value === 'number' && value > 0 && value <= connectorMax) return { evseId: value, connectorId: 1 };
  if (value !== 0) notes.add('N-03', '/connectorId: no number of a connector, taken as 0');
  return { evseId: 0, connectorId: 0 };
}

/** A text that says something: an empty one counts as absent. */
export function readText(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** A station's time and its own text of it. */
export interface StationTime {
  /** RFC 3339 UTC with milliseconds; the time of receipt where the station's is missing or none. */
  at: string;
  /** As it was written; empty when it was missing. */
  text: string;
  /** The same instant in milliseconds since 1970; NaN when the time of receipt stands in for it. */
  ms: number;
}

/** Reads a time by rules §8.1; what is none becomes the time of receipt, with a note. */
export function readTime(value: unknown, path: string, receivedAt: string, notes: Notes): StationTime {
  const text = typeof value === 'string' ? bounded(value) : '';
  const strict = readRfc3339(text);
  if (strict !== undefined) return { at: strict.text, text, ms: strict.ms };
  const loose = readLooseTime(text);
  if (loose === undefined) {
    notes.add('8.1', value === undefined ? `${path}: missing` : `${path}: no time, taken as received`);
    return { at: receivedAt, text, ms: Number.NaN };
  }
  notes.add('8.1', `${path}: ${loose.fault}`);
  return { at: loose.text, text, ms: loose.ms };
}

/** Keys are made from it, and no key takes a text of any length. */
const timeTextMax = 64;

function bounded(text: string): string {
  return text.length <= timeTextMax ? text : text.slice(0, timeTextMax).toWellFormed();
}

const plausibleFrom = Date.UTC(2010, 0, 1);
const aheadMax = 24 * 3_600_000;

/** Whether a clock cannot be believed: before 2010, more than a day ahead of receipt, or unreadable. */ // S-07
export function isImplausible(time: StationTime, receivedAt: string): boolean {
  return !(time.ms >= plausibleFrom && time.ms <= Date.parse(receivedAt) + aheadMax);
}

const decimalLengthMax = 40;

/** A number as an exact decimal, from a number or from the station's text; undefined when it is none. */
export function readDecimal(value: unknown): Decimal | undefined {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? String(value) : parseBounded(String(value));
  return typeof value === 'string' ? parseBounded(value) : undefined;
}

function parseBounded(text: string): Decimal | undefined {
  const parsed = parseDecimal(text);
  // 1e400 is a number to the parser and none to a meter.
  return parsed !== undefined && parsed.length <= decimalLengthMax ? parsed : undefined;
}

/** The station's own text of a scalar, for keys; empty when it is missing or no scalar. */
export function ownText(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}
