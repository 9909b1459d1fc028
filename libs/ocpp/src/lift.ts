import type { Answers, OcppVersion, ReportType } from '@busbar/events';
import { type AnswerContext, catalogueOf, type LiftContext, type LiftedReport } from './catalogue.js';
import { Notes } from './tolerance/notes.js';

const rawMax = 65_536;

/**
 * Turns the payload of a station's CALL into the content of a report. Pure, and never throws on a payload that
 * passed `checkCall`; throws on an action that makes no report, which the caller has looked up (`row.report`).
 * Starts, stops and whatever was tolerated carry the raw frame, cut at 64 KiB. Clean meter values do not: their
 * samples hold every text that the station wrote, and they are most of what travels.
 */
export function lift(
  version: OcppVersion,
  action: string,
  payload: Record<string, unknown>,
  context: LiftContext,
): LiftedReport {
  const row = catalogueOf(version).rows.get(action);
  if (row?.lift === undefined) throw new Error(`${action} makes no report`);
  const notes = new Notes(context.deviations);
  const content = row.lift(payload, context.receivedAt, notes);
  const isSession = row.report === 'transaction.started' || row.report === 'transaction.ended';
  const keepsRaw = isSession || notes.list.length > 0;
  return {
    occurredAt: context.receivedAt,
    ...content,
    ...(notes.list.length === 0 ? {} : { deviations: [...notes.list] }),
    ...(keepsRaw && context.text !== undefined ? { raw: cutRaw(context.text) } : {}),
  };
}

function cutRaw(text: string): string {
  return text.length <= rawMax ? text : text.slice(0, rawMax).toWellFormed();
}

/**
 * The payload that answers a station's CALL of `action`, from the content of the receipt of the report that it made.
 * Pure. Throws when the action does not make that report.
 */
export function lowerAnswer<T extends ReportType>(
  version: OcppVersion,
  action: string,
  type: T,
  answer: Answers[T],
  context: AnswerContext,
): Record<string, unknown> {
  const catalogue = catalogueOf(version);
  const lower = catalogue.answers[type];
  if (lower === undefined || catalogue.rows.get(action)?.report !== type) {
    throw new Error(`${action} is not answered by ${type} in OCPP ${version}`);
  }
  return lower(answer, context);
}

/** The answer to a Heartbeat, which the gateway gives by itself. */
export function heartbeatAnswer(version: OcppVersion, context: AnswerContext): Record<string, unknown> {
  return catalogueOf(version).heartbeat(context);
}
