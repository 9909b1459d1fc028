import type { Schema } from '../schema.js';

/**
 * Where the published package differs from the standard's own files, or the files from their errata, and what we take
 * instead. Every integer is bounded to what JavaScript holds exactly by the reader itself (rule X-04).
 */
export const corrections16: Readonly<Record<string, (schema: Schema) => Schema>> = {
  ChangeConfigurationRequest: (schema) => at(schema, ['value'], { maxLength: 500 }), // C-03
  GetConfigurationResponse: (schema) => at(schema, ['configurationKey', '[]', 'value'], { maxLength: 500 }),
  StatusNotificationRequest: (schema) => at(schema, ['info'], { maxLength: 50 }), // N-09
  MeterValuesRequest: (schema) =>
    hertz(at(at(schema, ['meterValue'], { minItems: 1 }), ['meterValue', '[]', 'sampledValue'], { minItems: 1 }), [
      'meterValue',
    ]), // V-06, V-07
  // The file of StopTransaction has no Hertz, though its samples are those of MeterValues: an errata oversight.
  StopTransactionRequest: (schema) => hertz(schema, ['transactionData']), // V-07
};

function hertz(schema: Schema, list: string[]): Schema {
  const path = [...list, '[]', 'sampledValue', '[]', 'unit'];
  const units = path.reduce<Schema | undefined>(step, schema)?.enum ?? [];
  return at(schema, path, { enum: [...new Set([...units, 'Hertz'])] });
}

function step(schema: Schema | undefined, name: string): Schema | undefined {
  return name === '[]' ? schema?.items : schema?.properties?.[name];
}

/** A copy in which the schema at `path` has `changes`; `[]` steps into a list. */
function at(schema: Schema, path: readonly string[], changes: Partial<Schema>): Schema {
  const [name, ...rest] = path;
  if (name === undefined) return { ...schema, ...changes };
  const inner = step(schema, name);
  if (inner === undefined) throw new Error(`no member ${path.join('/')} to correct`);
  const changed = at(inner, rest, changes);
  return name === '[]'
    ? { ...schema, items: changed }
    : { ...schema, properties: { ...schema.properties, [name]: changed } };
}
