import type { Deviation, OcppVersion } from '@busbar/events';
import { isRecord } from '../json.js';
import { readErrorCode } from './error-code.js';
import { scanNesting } from './scan.js';
import { type CallId, errorFrame, unreadableMessageId } from './write.js';

export interface CallFrame extends CallId {
  kind: 'call';
  action: string;
  /** `{}` when it was null or missing; otherwise whatever was there: `checkCall` judges it. */ // M-01
  payload: unknown;
  /** The whole frame, from which the numbers' own digits and the raw text are taken. */
  text: string;
  deviations: readonly Deviation[];
}

export interface ResultFrame {
  kind: 'result';
  messageId: string;
  payload: Record<string, unknown>;
  text: string;
  deviations: readonly Deviation[];
}

export interface ErrorFrame {
  kind: 'error';
  messageId: string;
  /** In OCPP 2.x's spelling where it is a known code; otherwise the station's own text, cut at 255. */
  code: string;
  description: string;
  details: Record<string, unknown>;
  text: string;
}

/** Everything that can be wrong with a frame. */
export const frameFailures = [
  'not-json',
  'too-deep',
  'too-many-items',
  'not-an-array',
  'too-short',
  'unknown-type',
  'bad-id',
  'bad-call',
  'bad-result',
  'bad-error',
] as const;
export type FrameFailure = (typeof frameFailures)[number];

/**
 * A frame that cannot be served. Log and count it, keep the connection; all but `unknown-type` count towards
 * closing it (rules M-06, M-07).
 */
export interface BadFrame {
  kind: 'bad';
  failure: FrameFailure;
  detail: string;
  text: string;
  /** Of a broken answer: the CALL of ours that has failed by it, at once (rule M-08). */
  messageId?: string;
  /** The CALLERROR to send, so that the station is not left waiting (rules M-04, M-07). */
  answer?: string;
}

export type Frame = CallFrame | ResultFrame | ErrorFrame;

export interface ParseOptions {
  version?: OcppVersion;
  /** Refuses what the specification does not allow instead of noting it. */
  strict?: boolean;
  depthMax?: number;
  itemsMax?: number;
}

const noDeviations: readonly Deviation[] = Object.freeze([]);
const idLengthMax = 255; // M-04
const idLengthStrictMax = 36; // M-03
const textMax = 255;

/** Reads one frame. Never throws; pure. The caller has bounded the text's length and decoded its UTF-8. */
export function parseFrame(text: string, options: ParseOptions = {}): Frame | BadFrame {
  const nesting = scanNesting(text, { depthMax: options.depthMax ?? 32, itemsMax: options.itemsMax ?? 5000 });
  if (nesting !== 'fits') return unreadable(text, nesting, options); // M-16
  let elements: unknown;
  try {
    // Of two members of one name the last counts, and `__proto__` becomes a member like another.
    elements = JSON.parse(text); // M-24
  } catch {
    // The parser's message repeats the station's text, so only the fact is kept.
    return unreadable(text, 'not-json', options);
  }
  if (!Array.isArray(elements)) return bad(text, 'not-an-array', 'the frame is no JSON array'); // M-07
  switch (elements[0]) {
    case 2:
      return elements.length < 2 ? bad(text, 'too-short', 'no message id') : readCall(text, elements, options);
    case 3:
      return readResult(text, elements);
    case 4:
      return readError(text, elements);
    default:
      return elements.length === 0
        ? bad(text, 'too-short', 'an empty array')
        : bad(text, 'unknown-type', 'a message type other than 2, 3 and 4'); // M-06
  }
}

function readCall(text: string, elements: unknown[], options: ParseOptions): CallFrame | BadFrame {
  const notes: Deviation[] = [];
  const id = readId(text, elements[1]);
  if (id === undefined || id.messageId === '' || id.messageId.length > idLengthMax) {
    const answered: CallId = id !== undefined && id.messageId === '' ? id : { messageId: unreadableMessageId };
    return refused(text, 'bad-id', answered, 'the message id is no text of 1 to 36 characters', options); // M-04
  }
  if (id.messageId.length > idLengthStrictMax) notes.push({ rule: 'M-04', detail: 'message id over 36 characters' });
  if (id.numericId) notes.push({ rule: 'M-04', detail: 'a number as message id' });
  const action = elements[2];
  if (typeof action !== 'string') return refused(text, 'bad-call', id, 'the action is no text', options);
  if (elements.length < 4) notes.push({ rule: 'M-01', detail: 'no payload element' });
  if (elements.length > 4) notes.push({ rule: 'M-01', detail: 'more than four elements' });
  const first = notes[0];
  if (options.strict && first !== undefined) return refused(text, 'bad-call', id, first.detail, options);
  return {
    kind: 'call',
    ...id,
    action,
    payload: elements[3] ?? {}, // M-01
    text,
    deviations: notes.length === 0 ? noDeviations : notes,
  };
}

function readResult(text: string, elements: unknown[]): ResultFrame | BadFrame {
  const id = readId(text, elements[1]);
  if (id === undefined) return bad(text, 'bad-result', 'no message id');
  const payload = elements[2] ?? {}; // M-01
  if (!isRecord(payload)) return failedAnswer(text, 'bad-result', id, 'the payload is no object'); // M-08
  const exact = elements.length === 3;
  const deviations = exact ? noDeviations : [{ rule: 'M-01', detail: 'not three elements' }];
  return { kind: 'result', messageId: id.messageId, payload, text, deviations };
}

function readError(text: string, elements: unknown[]): ErrorFrame | BadFrame {
  const id = readId(text, elements[1]);
  if (id === undefined) return bad(text, 'bad-error', 'no message id');
  const [, , code, description, details] = elements;
  if (typeof code !== 'string') return failedAnswer(text, 'bad-error', id, 'the error code is no text'); // M-08
  return {
    kind: 'error',
    messageId: id.messageId,
    code: readErrorCode(code.slice(0, textMax)),
    description: typeof description === 'string' ? description.slice(0, textMax) : '',
    details: readDetails(details),
    text,
  };
}

/** Text, lists and numbers occur where an object must stand; they are kept under a name. */ // M-02
function readDetails(details: unknown): Record<string, unknown> {
  if (details === undefined || details === null || details === '') return {};
  return isRecord(details) ? details : { value: details };
}

const numberAfterType = /^\s*\[\s*\d\s*,\s*(-?\d{1,255})\s*[,\]]/;

function readId(text: string, id: unknown): CallId | undefined {
  if (typeof id === 'string') return { messageId: id };
  if (typeof id !== 'number') return undefined;
  // Its own digits, since a number over 2^53 would come back as another one.
  const digits = numberAfterType.exec(text)?.[1];
  return digits === undefined ? { messageId: String(id), numericId: true } : { messageId: digits, numericId: true };
}

/** Type and id at the head of a broken text, also after the stray comma that some stations write. */
const brokenHead = /^\s*\[[\s,]{0,8}([234])\s*,\s*("(?:[^"\\]|\\.){1,255}"|-?\d{1,20})\s*[,\]]/;

/** A text that is no JSON, or too much of it: whoever waits for it is told, where its head can still be read. */ // M-07
function unreadable(text: string, failure: FrameFailure, options: ParseOptions): BadFrame {
  const [, type, literal] = brokenHead.exec(text.slice(0, 1024)) ?? [];
  const id = literal === undefined ? undefined : readLiteral(literal);
  const detail = `the frame is ${failure.replaceAll('-', ' ')}`;
  if (id === undefined) return bad(text, failure, detail);
  return type === '2' ? refused(text, failure, id, detail, options) : failedAnswer(text, failure, id, detail); // M-08
}

function readLiteral(literal: string): CallId | undefined {
  if (!literal.startsWith('"')) return { messageId: literal, numericId: true };
  try {
    return { messageId: String(JSON.parse(literal)) };
  } catch {
    // An id with a broken escape cannot be told from another: as good as none.
    return undefined;
  }
}

function bad(text: string, failure: FrameFailure, detail: string): BadFrame {
  return { kind: 'bad', failure, detail, text };
}

function refused(text: string, failure: FrameFailure, id: CallId, detail: string, options: ParseOptions): BadFrame {
  const answer = errorFrame(options.version ?? '1.6', id, { code: 'FormatViolation', description: detail });
  return { kind: 'bad', failure, detail, text, answer };
}

function failedAnswer(text: string, failure: FrameFailure, id: CallId, detail: string): BadFrame {
  return { kind: 'bad', failure, detail, text, messageId: id.messageId };
}
