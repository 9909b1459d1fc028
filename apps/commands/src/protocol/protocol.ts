import { storableText } from '@busbar/domain';
import type { CallEnding, CommandType, OcppVersion, ProblemDetail } from '@busbar/events';
import { callTimeoutOf, type LowerContext, lowerCommand, outcomeOf, rawCall, supportedVersions } from '@busbar/ocpp';
import type { Verdict } from '../domain/command-event.js';
import type { LoweredCall } from '../domain/draft.js';
import { masked, storable } from './secrets.js';

/** The CALLs of a wish in the station's version, or why there are none. Pointers begin at the request's body. */
export type Lowered = { calls: LoweredCall[] } | { notSupported: string } | { invalid: ProblemDetail[] };

/** What a station speaks, from the subprotocol last agreed with it: 1.6 until there was one; null when we do not. */
export function versionOf(protocol: string | null): OcppVersion | null {
  const version = protocol === null ? '1.6' : protocol.replace(/^ocpp/, '');
  return supportedVersions.find((supported) => supported === version) ?? null;
}

export function lower(
  version: OcppVersion,
  type: CommandType,
  params: Record<string, unknown>,
  context: LowerContext,
): Lowered {
  const lowered = lowerCommand(version, type, params, context);
  if ('invalid' in lowered) return { invalid: under('/params', lowered.invalid) };
  if ('notSupported' in lowered) return lowered;
  return { calls: lowered.calls.map(({ action, payload }) => callOf(version, action, payload)) };
}

/** The one CALL of a raw call. An action that is not ours to send is a wrong member, not a missing feature. */
export function lowerRaw(version: OcppVersion, action: string, payload: Record<string, unknown>): Lowered {
  const judged = rawCall(version, action, payload);
  if ('notSupported' in judged) return { invalid: [{ pointer: '/action', detail: judged.notSupported }] };
  if ('invalid' in judged) return { invalid: under('/payload', judged.invalid) };
  return { calls: [callOf(version, action, payload)] };
}

function under(pointer: string, details: readonly ProblemDetail[]): ProblemDetail[] {
  return details.map((detail) => ({ ...detail, pointer: pointer + detail.pointer }));
}

function callOf(version: OcppVersion, action: string, payload: Record<string, unknown>): LoweredCall {
  return { action, payload, shown: masked(action, payload), timeoutMs: callTimeoutOf(version, action) };
}

/** Params as they are kept and shown. */
export function shownParams(type: CommandType | 'Call', params: Record<string, unknown>): Record<string, unknown> {
  return masked(type, params);
}

/** Actions of a raw call by which a station is told to start or stop a transaction (rule R-07). */
const startingActions: ReadonlySet<string> = new Set([
  'RemoteStartTransaction',
  'RemoteStopTransaction',
  'RequestStartTransaction',
  'RequestStopTransaction',
]);

export function startsOrStops(action: string): boolean {
  return startingActions.has(action);
}

const textMax = 1_000;

/** What the ending of a CALL amounts to. What is kept of it has its secrets masked and can be stored. */
export function verdictOf(action: string, ending: CallEnding): Verdict {
  const nothing = { response: null, error: null };
  switch (ending.kind) {
    case 'result': {
      const { outcome, detail } = outcomeOf(ending.payload);
      const response = masked(action, storable(ending.payload));
      return { outcome, detail: detail === null ? null : keptText(detail), response, error: null };
    }
    case 'error': {
      const code = keptText(ending.code);
      const error = { code, description: keptText(ending.description), details: storable(ending.details) };
      return { outcome: 'error', detail: code, response: null, error };
    }
    case 'bad-response':
      return { ...nothing, outcome: 'error', detail: keptText(`bad-response: ${ending.detail}`) };
    case 'timed-out':
    case 'connection-lost':
      return { ...nothing, outcome: 'unknown', detail: ending.kind };
  }
}

function keptText(value: string): string {
  return storableText(value, textMax);
}
