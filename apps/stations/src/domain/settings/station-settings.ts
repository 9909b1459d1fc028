import { registrations, securityProfiles } from '@busbar/domain';
import { type ProblemDetail, ProblemError, type StationSettings } from '@busbar/events';

/** What a station is registered with where nothing else was posted. */
export const defaultSettings: StationSettings = {
  securityProfile: 1,
  registration: 'accepted',
  heartbeatIntervalSeconds: 300,
  strict: false,
  assumeProtocol: null,
  site: null,
  tags: [],
  localList: { managed: false },
  clearCacheOnRevocation: false,
};

const siteMax = 100;
const tagMax = 50;
const tagsMax = 50;
const intervalSecondsMax = 86_400;

/** What is wrong with each member; undefined when nothing. */
const checks: { [Member in keyof StationSettings]: (value: unknown) => string | undefined } = {
  securityProfile: (value) => oneOf(value, securityProfiles),
  registration: (value) => oneOf(value, registrations),
  heartbeatIntervalSeconds: (value) =>
    Number.isInteger(value) && Number(value) >= 1 && Number(value) <= intervalSecondsMax
      ? undefined
      : `must be a whole number from 1 to ${intervalSecondsMax}`,
  strict: flag,
  assumeProtocol: (value) => oneOf(value, ['ocpp1.6', null]),
  site: (value) =>
    value === null || isText(value, siteMax) ? undefined : `must be a text of up to ${siteMax} or null`,
  tags: (value) =>
    Array.isArray(value) && value.length <= tagsMax && value.every((tag) => isText(tag, tagMax))
      ? undefined
      : `must be a list of up to ${tagsMax} texts of up to ${tagMax}`,
  localList: (value) =>
    typeof value === 'object' && value !== null && 'managed' in value && typeof value.managed === 'boolean'
      ? undefined
      : 'must be { "managed": true } or { "managed": false }',
  clearCacheOnRevocation: flag,
};

/**
 * The posted settings, checked once more by the service that owns them. Throws a `ProblemError` 422 that names
 * every wrong or unknown member. Tags lose their repeats.
 */
export function checkedSettings(posted: Record<string, unknown>): Partial<StationSettings> {
  const errors: ProblemDetail[] = [];
  const settings: Record<string, unknown> = {};
  for (const [member, value] of Object.entries(posted)) {
    if (value === undefined) continue;
    const check = isMember(member) ? checks[member] : () => 'is not known here';
    const problem = check(value);
    if (problem !== undefined) errors.push({ pointer: `/${member.slice(0, 50)}`, detail: problem });
    settings[member] = member === 'tags' && Array.isArray(value) ? [...new Set(value)] : value;
  }
  if (errors.length > 0) throw invalidBody(errors);
  return settings;
}

export function invalidBody(errors: ProblemDetail[]): ProblemError {
  const detail = 'The body has members that are wrong or unknown.';
  return new ProblemError({ status: 422, code: 'body-invalid', detail, errors });
}

function isMember(member: string): member is keyof StationSettings {
  return Object.hasOwn(checks, member);
}

function oneOf(value: unknown, allowed: readonly unknown[]): string | undefined {
  return allowed.includes(value) ? undefined : `must be one of ${allowed.join(', ')}`;
}

function flag(value: unknown): string | undefined {
  return typeof value === 'boolean' ? undefined : 'must be true or false';
}

function isText(value: unknown, lengthMax: number): boolean {
  return typeof value === 'string' && value !== '' && value.length <= lengthMax && !/[\p{Cc}\p{Cs}]/u.test(value);
}
