import { authorizationStatuses, foldIdToken } from '@busbar/domain';
import { type IdTokenSettings, type ProblemDetail, ProblemError } from '@busbar/events';
import { idTokenLengthMax } from './token.js';

/** What a token is put with where nothing else was posted: one transaction at a time, anywhere, without end. */
export const defaultSettings: IdTokenSettings = {
  status: 'Accepted',
  expiresAt: null,
  group: null,
  maxConcurrentTransactions: 1, // S-12
  stations: null,
  sites: null,
  note: null,
};

const listMax = 1_000;
const siteMax = 100;
const noteMax = 1_000;
const concurrentMax = 1_000_000;

/** What is wrong with each member; undefined when nothing. */
const checks: { [Member in keyof IdTokenSettings]: (value: unknown) => string | undefined } = {
  status: (value) =>
    authorizationStatuses.some((status) => status === value)
      ? undefined
      : `must be one of ${authorizationStatuses.join(', ')}`,
  expiresAt: (value) => (value === null || isInstant(value) ? undefined : 'must be an RFC 3339 instant or null'),
  group: (value) =>
    value === null || isToken(value) ? undefined : `must be a token of up to ${idTokenLengthMax} or null`,
  maxConcurrentTransactions: (value) =>
    value === null || (Number.isInteger(value) && Number(value) >= 0 && Number(value) <= concurrentMax)
      ? undefined
      : `must be a whole number from 0 to ${concurrentMax}, or null for no limit`,
  stations: (value) => listProblem(value, idTokenLengthMax),
  sites: (value) => listProblem(value, siteMax),
  note: (value) =>
    value === null || isText(value, noteMax) ? undefined : `must be a text of up to ${noteMax} or null`,
};

/** The posted settings, checked. Throws a `ProblemError` 422 that names every wrong or unknown member. */
export function checkedSettings(posted: Record<string, unknown>): Partial<IdTokenSettings> {
  const errors: ProblemDetail[] = [];
  const settings: Record<string, unknown> = {};
  for (const [member, value] of Object.entries(posted)) {
    if (value === undefined) continue;
    const problem = isMember(member) ? checks[member](value) : 'is not known here';
    if (problem !== undefined) errors.push({ pointer: `/${member.slice(0, 50)}`, detail: problem });
    settings[member] = value;
  }
  if (errors.length > 0) throw invalidBody(errors);
  return settings;
}

/** A token that can be kept, without outer blanks. Throws a `ProblemError` 422. */
export function checkedIdToken(idToken: unknown): string {
  if (isToken(idToken)) return idToken.trim();
  const detail = `must be a text of 1 to ${idTokenLengthMax} without control characters`;
  throw invalidBody([{ pointer: '/idToken', detail }]);
}

function invalidBody(errors: ProblemDetail[]): ProblemError {
  const detail = 'The body has members that are wrong or unknown.';
  return new ProblemError({ status: 422, code: 'body-invalid', detail, errors });
}

function isMember(member: string): member is keyof IdTokenSettings {
  return Object.hasOwn(checks, member);
}

function isToken(value: unknown): value is string {
  return isText(value, idTokenLengthMax) && foldIdToken(value) !== '';
}

function isText(value: unknown, lengthMax: number): value is string {
  return typeof value === 'string' && value.length <= lengthMax && !/[\p{Cc}\p{Cs}]/u.test(value);
}

function listProblem(value: unknown, lengthMax: number): string | undefined {
  if (value === null) return undefined;
  const right = Array.isArray(value) && value.length <= listMax && value.every((one) => isText(one, lengthMax));
  return right ? undefined : `must be null or a list of up to ${listMax} texts of up to ${lengthMax}`;
}

const instant = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/i;

function isInstant(value: unknown): boolean {
  return typeof value === 'string' && instant.test(value) && !Number.isNaN(Date.parse(value));
}
