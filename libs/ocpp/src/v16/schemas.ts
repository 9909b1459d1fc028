import * as published from 'typed-ocpp/dist/ocpp16/schemas.js';
import type { Schema } from '../schema.js';
import { corrections16 } from './schema-corrections.js';

export type {
  AuthorizeRequest,
  AuthorizeResponse,
  BootNotificationRequest,
  BootNotificationResponse,
  ChangeAvailabilityRequest,
  ChangeAvailabilityResponse,
  ChangeConfigurationRequest,
  ChangeConfigurationResponse,
  ClearCacheRequest,
  ClearCacheResponse,
  DataTransferRequest,
  DataTransferResponse,
  GetConfigurationRequest,
  GetConfigurationResponse,
  HeartbeatRequest,
  HeartbeatResponse,
  MeterValuesRequest,
  MeterValuesResponse,
  RemoteStartTransactionRequest,
  RemoteStartTransactionResponse,
  RemoteStopTransactionRequest,
  RemoteStopTransactionResponse,
  ResetRequest,
  ResetResponse,
  StartTransactionRequest,
  StartTransactionResponse,
  StatusNotificationRequest,
  StatusNotificationResponse,
  StopTransactionRequest,
  StopTransactionResponse,
  UnlockConnectorRequest,
  UnlockConnectorResponse,
} from 'typed-ocpp/dist/ocpp16/types.js';

// The package's main door compiles every validator of three versions when it is opened (2.7 s); its 1.6 schemas alone
// take 30 ms. This is the only file that imports it.

/**
 * The JSON Schema of a 1.6 payload by name, such as `BootNotificationRequest` or `ResetResponse`, with our own
 * corrections. Throws on a name that 1.6 does not have, which only a wrong catalogue can ask for.
 */
export function schema16(name: string): Schema {
  const found: unknown = Object.entries(published).find(([key]) => key === name)?.[1];
  if (found === undefined) throw new Error(`OCPP 1.6 has no schema ${name}`);
  const schema = inline(found, definitionsOf(found));
  const correct = corrections16[name];
  return correct === undefined ? schema : correct(schema);
}

/** The words that an enumeration of a 1.6 payload allows; `path` leads to it, with `[]` into a list. */
export function words16(name: string, ...path: string[]): ReadonlySet<string> {
  const found = path.reduce<Schema | undefined>(
    (schema, step) => (step === '[]' ? schema?.items : schema?.properties?.[step]),
    schema16(name),
  );
  return new Set(found?.enum);
}

function definitionsOf(schema: unknown): Readonly<Record<string, unknown>> {
  return typeof schema === 'object' && schema !== null && 'definitions' in schema
    ? { ...(schema.definitions as object) }
    : {};
}

/** The keywords that we use, with references replaced by what they name. */
function inline(source: unknown, definitions: Readonly<Record<string, unknown>>): Schema {
  const { $ref, type, properties, required, additionalProperties, items, ...rest } = source as Schema & {
    $ref?: string;
  };
  if ($ref !== undefined) return inline(definitions[$ref.slice('#/definitions/'.length)], definitions);
  const schema: Schema = { type };
  for (const keyword of ['enum', 'maxLength', 'format', 'multipleOf', 'minItems'] as const) {
    if (rest[keyword] !== undefined) Object.assign(schema, { [keyword]: rest[keyword] });
  }
  if (type === 'integer') Object.assign(schema, { minimum: Number.MIN_SAFE_INTEGER, maximum: Number.MAX_SAFE_INTEGER });
  if (required !== undefined) schema.required = required;
  if (type === 'object') {
    schema.additionalProperties = additionalProperties ?? false;
    schema.properties = Object.fromEntries(
      Object.entries(properties ?? {}).map(([name, member]) => [name, inline(member, definitions)]),
    );
  }
  if (items !== undefined) schema.items = inline(items, definitions);
  return schema;
}
