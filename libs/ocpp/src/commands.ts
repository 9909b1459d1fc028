import { type CommandType, commandTypes, type OcppVersion, type ProblemDetail } from '@busbar/events';
import { catalogueOf } from './catalogue.js';
import type { LowerContext, Lowered } from './lowering.js';
import { allViolations, firstViolation } from './validators.js';

/** Whether a text names a type of command of the HTTP contract. */
export function isCommandType(type: string): type is CommandType {
  return commandTypes.some((known) => known === type);
}

/**
 * The CALLs of a command in a version's own messages, each of which passes that version's schema; or the members
 * of `params` that are wrong, or why the version has no such thing. Pure. Throws only when a lowering makes a
 * payload that its schema refuses, which is a defect here and must not reach a station.
 */
export function lowerCommand(
  version: OcppVersion,
  type: CommandType,
  params: Record<string, unknown>,
  context: LowerContext = {},
): Lowered {
  const catalogue = catalogueOf(version);
  const lowering = catalogue.commands[type];
  if (lowering === undefined) return { notSupported: `${type} is not supported on OCPP ${version}` };
  const wrong = allViolations(lowering.params, params);
  if (wrong.length > 0) return { invalid: wrong };
  const lowered = lowering.lower(params, context);
  if (!('calls' in lowered)) return lowered;
  for (const { action, payload } of lowered.calls) {
    const row = catalogue.rows.get(action);
    const violation = row === undefined ? undefined : firstViolation(row.request, payload);
    if (row === undefined || violation !== undefined) {
      throw new Error(
        `${type} was lowered to a wrong ${action}: ${violation?.pointer ?? ''} ${violation?.detail ?? ''}`,
      );
    }
  }
  return lowered;
}

/**
 * Whether a raw CALL may go to a station of this version: the action is one that the central system sends, and the
 * payload passes its schema. Otherwise the members that are wrong, as JSON pointers.
 */
export function rawCall(
  version: OcppVersion,
  action: string,
  payload: unknown,
): { ok: true } | { notSupported: string } | { invalid: ProblemDetail[] } {
  const row = catalogueOf(version).rows.get(action);
  if (row === undefined) return { notSupported: `OCPP ${version} has no such action` };
  if (row.sender === 'station') return { notSupported: `${action} is not for the central system to send` };
  const wrong = allViolations(row.request, payload);
  return wrong.length === 0 ? { ok: true } : { invalid: wrong };
}
