import { factTypes } from '@busbar/events';
import type { JsonSchema } from '../http/json-schema.js';
import { text } from '../http/json-schema.js';

export const eventsQuery: Record<string, JsonSchema> = {
  type: text(50, `A type or the part before its dot. Types: ${factTypes.join(', ')}.`),
  station: text(255),
  after: { type: 'integer', minimum: 0, description: 'Resume after this id; Last-Event-ID does the same.' },
};
