import { isRecord } from './json.js';
import { isSecretKey } from './secrets.js';

export interface ReportedVariables {
  variables: { key: string; value?: string; readonly?: boolean }[];
  unknownKeys: string[];
}

/**
 * What an answered CALL tells about a station's configuration, in version-neutral form; undefined when it tells
 * nothing. Takes a payload that passed `checkResult`. The value of a secret is left out, also where a station
 * gives it away.
 */ // A-09, C-03, C-08
export function reportedVariables(
  action: string,
  request: Record<string, unknown>,
  response: Record<string, unknown>,
): ReportedVariables | undefined {
  if (action === 'GetConfiguration') return fromGetConfiguration(response);
  const key = request['key'];
  if (action !== 'ChangeConfiguration' || typeof key !== 'string') return undefined;
  if (response['status'] === 'NotSupported') return { variables: [], unknownKeys: [key] };
  // RebootRequired is stored and not yet in force, so it is no report of the value.
  if (response['status'] !== 'Accepted') return undefined;
  return { variables: [variable(key, request['value'], undefined)], unknownKeys: [] };
}

function fromGetConfiguration(response: Record<string, unknown>): ReportedVariables {
  const listed = Array.isArray(response['configurationKey']) ? response['configurationKey'] : [];
  const unknown = Array.isArray(response['unknownKey']) ? response['unknownKey'] : [];
  const variables = listed
    .filter(isRecord)
    .flatMap(({ key, value, readonly }) => (typeof key === 'string' ? [variable(key, value, readonly)] : []));
  return { variables, unknownKeys: unknown.filter((key) => typeof key === 'string') };
}

function variable(key: string, value: unknown, readonly: unknown): ReportedVariables['variables'][number] {
  return {
    key,
    ...(typeof value === 'string' && !isSecretKey(key) ? { value } : {}),
    ...(typeof readonly === 'boolean' ? { readonly } : {}),
  };
}
