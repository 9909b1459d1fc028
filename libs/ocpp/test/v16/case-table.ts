import type { Answers, ReportType } from '@busbar/events';
import { type LowerContext, lowerAnswer } from '@busbar/ocpp';

/** A payload as an object, or as JSON text where the digits of its numbers matter. */
export type Written = string | Record<string, unknown>;

export const receivedAt = '2026-11-22T09:18:06.000Z';
export const now = new Date(receivedAt);

/** What a station is told when its CALL is answered so. */
export function told<T extends ReportType>(action: string, type: T, answer: Answers[T]): object {
  return lowerAnswer('1.6', action, type, answer, { now });
}

/** What one action that a station sends must do. Codes are in 1.6's spelling, deviations are "rule detail". */
export interface InboundTable {
  /** Pass the schema, strict or not, with nothing noted; `report` is the whole lifted content. */
  passes: { why: string; payload: Written; report: object }[];
  /** Break the schema, are refused with `strict` in strict mode, and otherwise taken with these deviations. */
  coerced: { why: string; payload: Written; strict: string; deviations: string[]; report: object }[];
  /** Refused even when tolerant. */
  fails: { why: string; payload: unknown; code: string }[];
  /** What the receipt says, and what the station is told. */
  answers: { why: string; made: object; payload: object }[];
}

/** What one action that the central system sends must do. */
export interface OutboundTable {
  /** Params and the CALLs that they become. */
  lowers: { why: string; params: Record<string, unknown>; context?: LowerContext; calls: object[] }[];
  /** Params and the pointers of what is wrong with them. */
  invalid: { why: string; params: Record<string, unknown>; context?: LowerContext; pointers: string[] }[];
  /** Params that the version has no message for. */
  notSupported?: { why: string; params: Record<string, unknown> }[];
  /** Raw payloads and the code that a strict station refuses them with. */
  fails: { why: string; payload: unknown; code: string }[];
  /** Answers of stations, taken with these deviations, and what they mean. */
  answers: { why: string; payload: Written; deviations: string[]; outcome: string; detail: string | null }[];
  /** Answers that end the CALL as failed. */
  badAnswers: { why: string; payload: unknown; detail: string }[];
}
