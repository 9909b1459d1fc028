import { authorizationStatuses } from '@busbar/domain';
import { closed, instant, type JsonSchema, listOf, oneOf, orNull, text } from '../http/json-schema.js';

const settings: Record<string, JsonSchema> = {
  status: { ...oneOf(authorizationStatuses), default: 'Accepted' },
  expiresAt: orNull(instant),
  group: orNull(text(255)),
  maxConcurrentTransactions: {
    type: ['integer', 'null'],
    minimum: 0,
    maximum: 1_000_000,
    default: 1,
    description: 'Null means no limit.',
  },
  stations: {
    ...orNull({ ...listOf(text(255)), maxItems: 1000 }),
    description: 'Identities where it may charge; null: everywhere.',
  },
  sites: orNull({ ...listOf(text(100)), maxItems: 1000 }),
  note: orNull({ type: 'string', maxLength: 1000 }),
};

export const idTokenBody = closed(settings);

export const idTokenAnswer = closed({ idToken: text(255), ...settings, createdAt: instant, updatedAt: instant });

export const unknownTokenAnswer = closed({
  idToken: text(255),
  firstAt: instant,
  lastAt: instant,
  count: { type: 'integer' },
  lastStation: orNull(text(255)),
});

export const authorizationAnswer = closed({
  id: text(40),
  at: instant,
  idToken: text(255),
  station: orNull(text(255)),
  purpose: oneOf(['authorize', 'start', 'stop']),
  status: oneOf(authorizationStatuses),
  reason: text(100, 'Why, in a closed list of words.'),
  group: orNull(text(255)),
});
