import { authorizationStatuses } from '@busbar/domain';
import { caseKinds, transactionFlags } from '@busbar/events';
import { closed, instant, type JsonSchema, listOf, oneOf, orNull, text } from '../http/json-schema.js';

const energy: JsonSchema = { type: 'number', description: 'Wh, at most 3 decimals.' };

export const transactionAnswer = closed({
  id: text(40),
  station: text(255),
  evseId: { type: 'integer' },
  connectorId: { type: 'integer' },
  ocppTransactionId: { type: 'integer' },
  idToken: text(255),
  group: orNull(text(255)),
  authorization: oneOf(authorizationStatuses),
  startedAt: instant,
  stoppedAt: orNull(instant),
  meterStartWh: energy,
  meterStopWh: orNull(energy),
  energyWh: orNull(energy),
  stopReason: orNull(text(50)),
  state: oneOf(['active', 'ended']),
  offline: { type: 'boolean' },
  flags: listOf(oneOf(transactionFlags)),
  reservation: orNull(text(40)),
  remoteStartCommandId: orNull(text(40)),
  closedBy: orNull(text(255)),
});

export const meterValueAnswer = closed({
  sampledAt: instant,
  receivedAt: instant,
  context: text(50),
  samples: listOf(
    closed({
      measurand: text(100),
      value: { type: ['number', 'null'] },
      unit: orNull(text(50)),
      phase: orNull(text(50)),
      location: orNull(text(50)),
      context: text(50),
      format: oneOf(['Raw', 'SignedData']),
      raw: { type: ['string', 'null'] },
    }),
  ),
});

export const closeBody = closed(
  { reason: text(500), closedBy: text(255), meterStopWh: { type: 'number', minimum: 0, maximum: 1e12 } },
  ['reason', 'closedBy'],
);

export const caseAnswer = closed({
  id: text(40),
  kind: oneOf(caseKinds),
  station: text(255),
  transaction: orNull(text(40)),
  evidence: { type: 'object' },
  state: oneOf(['open', 'resolved']),
  openedAt: instant,
  resolvedAt: orNull(instant),
  resolvedBy: orNull(text(255)),
  resolution: orNull(text(2000)),
});

export const resolveBody = closed(
  {
    resolvedBy: text(255),
    resolution: text(2000),
    transaction: text(40, 'For an orphan stop: the transaction that it belongs to.'),
  },
  ['resolvedBy', 'resolution'],
);
