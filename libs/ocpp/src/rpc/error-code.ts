import type { OcppVersion } from '@busbar/events';

/**
 * Why a CALL is refused, in the words of OCPP 2.x; `spellErrorCode` gives the version's own spelling. We send
 * only these (OCPP-J 1.6, table 7).
 */
export const rpcErrorCodes = [
  'NotImplemented',
  'NotSupported',
  'InternalError',
  'ProtocolError',
  'SecurityError',
  'FormatViolation',
  'PropertyConstraintViolation',
  'OccurrenceConstraintViolation',
  'TypeConstraintViolation',
  'GenericError',
] as const;
export type RpcErrorCode = (typeof rpcErrorCodes)[number];

/** A CALLERROR before it has an id. `description` is for people and never repeats a value that the station sent. */
export interface RpcError {
  code: RpcErrorCode;
  description: string;
}

/** The wrong spellings are the wire's own and not to be mended (OCPP-J 1.6 errata, 5.1 and 5.2). */
const spellings16: Readonly<Record<string, string>> = {
  FormatViolation: 'FormationViolation', // M-20
  OccurrenceConstraintViolation: 'OccurenceConstraintViolation', // M-19
};

/** The code as `version` writes it. */
export function spellErrorCode(version: OcppVersion, code: RpcErrorCode): string {
  return version === '1.6' ? (spellings16[code] ?? code) : code;
}

const readings: Readonly<Record<string, string>> = {
  FormationViolation: 'FormatViolation',
  OccurenceConstraintViolation: 'OccurrenceConstraintViolation',
};

/** A code that a station sent, of whatever version's spelling, in our words; unknown ones stay as they came. */
export function readErrorCode(code: string): string {
  return Object.hasOwn(readings, code) ? (readings[code] ?? code) : code;
}
