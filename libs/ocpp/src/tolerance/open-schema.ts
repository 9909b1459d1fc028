import type { Schema } from '../schema.js';

const opened = new WeakMap<Schema, Schema>();

/** A schema of types alone: nothing is required, words are free, lengths and counts do not matter. */ // 8.3
export function openSchema(schema: Schema): Schema {
  const known = opened.get(schema);
  if (known !== undefined) return known;
  const made: Schema = { type: schema.type };
  if (schema.items !== undefined) made.items = openSchema(schema.items);
  if (schema.properties !== undefined) {
    made.properties = Object.fromEntries(
      Object.entries(schema.properties).map(([name, member]) => [name, openSchema(member)]),
    );
  }
  opened.set(schema, made);
  return made;
}
