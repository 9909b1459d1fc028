import { commandOutcomes, commandStates } from '@busbar/domain';
import { commandTypes } from '@busbar/events';
import { closed, instant, type JsonSchema, listOf, oneOf, orNull, text } from '../http/json-schema.js';

const waiting: Record<string, JsonSchema> = {
  deadlineSeconds: {
    type: 'integer',
    minimum: 1,
    maximum: 604_800,
    default: 60,
    description: 'How long it may wait before it is written to the socket.',
  },
  whenOffline: { ...oneOf(['fail', 'wait']), default: 'fail' },
};

export const createCommandBody = closed(
  { type: oneOf(commandTypes), params: { type: 'object', default: {} }, ...waiting },
  ['type'],
);

export const createCallBody = closed({ action: text(50), payload: { type: 'object' }, ...waiting }, [
  'action',
  'payload',
]);

export const commandAnswer = closed({
  id: text(40),
  station: text(255),
  type: oneOf([...commandTypes, 'Call']),
  params: { type: 'object' },
  state: oneOf(commandStates),
  outcome: { enum: [...commandOutcomes, null] },
  detail: orNull(text(1000)),
  createdAt: instant,
  deadlineAt: instant,
  endedAt: orNull(instant),
  timeline: listOf(closed({ state: oneOf(commandStates), at: instant, gateway: orNull(text(40)) })),
  calls: listOf(
    closed({
      messageId: text(255),
      action: text(100),
      request: { type: 'object' },
      response: { type: 'object' },
      error: closed({ code: text(100), description: { type: 'string' }, details: { type: 'object' } }),
      outcome: { enum: [...commandOutcomes, null] },
      sentAt: orNull(instant),
      answeredAt: orNull(instant),
    }),
  ),
  effect: orNull(closed({ kind: text(50), at: instant, ref: orNull(text(100)) })),
});
