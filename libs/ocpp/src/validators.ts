import type { ProblemDetail } from '@busbar/events';
import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import { fullFormats } from 'ajv-formats/dist/formats.js';
import type { RpcError, RpcErrorCode } from './rpc/error-code.js';
import type { Schema } from './schema.js';
import { readRfc3339 } from './time.js';

// Plain Ajv refuses a limit of 8.1, because 8.1 is no binary multiple of 0.1. // P-14
const ajv = new Ajv({ strict: false, multipleOfPrecision: 6, allErrors: false });
/** The same rules, for people: every violation at once. */
const thorough = new Ajv({ strict: false, multipleOfPrecision: 6, allErrors: true });
for (const each of [ajv, thorough]) {
  each.addFormat('date-time', (text: string) => readRfc3339(text) !== undefined);
  each.addFormat('uri', fullFormats.uri);
}

type Compiled = WeakMap<object, ValidateFunction>;
const quick: Compiled = new WeakMap();
const complete: Compiled = new WeakMap();

function compileOnce(compiler: Ajv, compiled: Compiled, schema: object): ValidateFunction {
  const known = compiled.get(schema);
  if (known !== undefined) return known;
  const made = compiler.compile(schema);
  compiled.set(schema, made);
  return made;
}

/** The validator of a schema, compiled when it is first needed. Its `errors` are those of the last call. */
export function validatorOf(schema: Schema): ValidateFunction {
  return compileOnce(ajv, quick, schema);
}

export interface Violation {
  /** JSON pointer to what is wrong; of a missing or unknown member, to that member. */
  pointer: string;
  keyword: string;
  detail: string;
}

/** The first thing wrong with `payload`, or undefined when it passes. */
export function firstViolation(schema: Schema, payload: unknown): Violation | undefined {
  const validate = validatorOf(schema);
  if (validate(payload)) return undefined;
  const error = validate.errors?.[0];
  return error === undefined ? { pointer: '', keyword: 'schema', detail: 'invalid' } : readViolation(error);
}

const violationsMax = 50;

/** Everything wrong with `value`, as JSON pointers, for whoever sent it over HTTP. */
export function allViolations(schema: object, value: unknown): ProblemDetail[] {
  const validate = compileOnce(thorough, complete, schema);
  if (validate(value)) return [];
  return (validate.errors ?? []).slice(0, violationsMax).map((error) => {
    const { pointer, detail } = readViolation(error);
    return { pointer, detail };
  });
}

function readViolation(error: ErrorObject): Violation {
  const { keyword, instancePath, params } = error;
  const member = memberOf(params);
  const pointer = member === undefined ? instancePath : `${instancePath}/${escapePointer(member)}`;
  return { pointer, keyword, detail: details[keyword]?.(params) ?? error.message ?? 'invalid' };
}

function memberOf(params: Record<string, unknown>): string | undefined {
  const member = params['missingProperty'] ?? params['additionalProperty'];
  return typeof member === 'string' ? member.slice(0, 64) : undefined;
}

function escapePointer(member: string): string {
  return member.replaceAll('~', '~0').replaceAll('/', '~1');
}

const details: Readonly<Record<string, (params: Record<string, unknown>) => string>> = {
  required: () => 'required',
  additionalProperties: () => 'unknown member',
  enum: (params) => `not one of ${listed(params['allowedValues'])}`,
  type: (params) => `not of type ${String(params['type'])}`,
};

function listed(values: unknown): string {
  return Array.isArray(values) ? values.slice(0, 12).join(', ') : '';
}

const codes: Readonly<Record<string, RpcErrorCode>> = {
  required: 'OccurrenceConstraintViolation', // M-19
  minItems: 'OccurrenceConstraintViolation',
  type: 'TypeConstraintViolation', // M-20
  additionalProperties: 'FormatViolation', // M-18
};

/** A violation as the CALLERROR that tells of it. */
export function errorOf(violation: Violation): RpcError {
  const code =
    violation.pointer === '' ? 'FormatViolation' : (codes[violation.keyword] ?? 'PropertyConstraintViolation');
  return { code, description: `${violation.pointer || 'payload'}: ${violation.detail}` };
}
