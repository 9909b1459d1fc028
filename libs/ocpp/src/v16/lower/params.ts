/** Params that several commands share, as JSON Schema. */
export const evseId = { type: 'integer', minimum: 1, maximum: 2_147_483_647 } as const;

/** An object of just these members. */
export function exactly(properties: Record<string, object>, required: readonly string[] = []): object {
  return { type: 'object', additionalProperties: false, properties, required };
}

/** The number of a 1.6 connector: that of its EVSE, since each has one connector. */
export function readNumber(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined;
}
