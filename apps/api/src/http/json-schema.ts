/** A JSON Schema (2020-12, the subset that ajv and OpenAPI 3.1 share). */
export type JsonSchema = { readonly [keyword: string]: unknown };

/** An object that refuses members which it does not name. */
export function closed(properties: Record<string, JsonSchema>, required: readonly string[] = []): JsonSchema {
  return { type: 'object', properties, required, additionalProperties: false };
}

export function orNull(schema: JsonSchema): JsonSchema {
  return { anyOf: [schema, { type: 'null' }] };
}

export const text = (maxLength: number, description?: string): JsonSchema => ({
  type: 'string',
  minLength: 1,
  maxLength,
  ...(description === undefined ? {} : { description }),
});

export const oneOf = (values: readonly (string | number)[]): JsonSchema => ({ enum: values });
export const instant: JsonSchema = { type: 'string', format: 'date-time' };
export const listOf = (items: JsonSchema): JsonSchema => ({ type: 'array', items });

/** A page of a list, as every list of the API answers. */
export const pageOf = (item: JsonSchema): JsonSchema =>
  closed({ items: listOf(item), nextCursor: { type: ['string', 'null'] } }, ['items', 'nextCursor']);

/** The query members of every list. */
export const pageQuery: Record<string, JsonSchema> = {
  limit: { type: 'integer', minimum: 1, maximum: 500, default: 50 },
  cursor: text(512),
};
