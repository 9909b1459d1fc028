import { chargingStates, connectorStates, registrations, securityProfiles } from '@busbar/domain';
import { closed, instant, type JsonSchema, listOf, oneOf, orNull, text } from '../http/json-schema.js';

const hexKey: JsonSchema = {
  type: 'string',
  pattern: '^([0-9A-Fa-f]{2}){16,20}$',
  description: '16 to 20 bytes in hex, as OCPP 1.6 sends them.',
};

/** What an operator may set, with the defaults of a new station. */
const settings: Record<string, JsonSchema> = {
  securityProfile: { enum: securityProfiles, default: 1 },
  registration: { enum: registrations, default: 'accepted' },
  heartbeatIntervalSeconds: { type: 'integer', minimum: 1, maximum: 86_400, default: 300 },
  strict: { type: 'boolean', default: false },
  assumeProtocol: {
    enum: ['ocpp1.6', null],
    default: null,
    description: 'The version to assume of a station that offers none; null refuses it.',
  },
  site: { ...orNull(text(100)), default: null },
  tags: { ...listOf(text(50)), maxItems: 50, default: [] },
  localList: closed({ managed: { type: 'boolean', default: false } }, ['managed']),
  clearCacheOnRevocation: { type: 'boolean', default: false },
};

export const createStationBody = closed(
  {
    identity: text(255, 'The OCPP identity: the last segment of the URL that the station connects to.'),
    key: {
      anyOf: [
        { const: 'generate' },
        closed({ hex: hexKey }, ['hex']),
        closed({ text: { type: 'string', minLength: 16, maxLength: 40 } }, ['text']),
      ],
      description: 'The Basic auth key; none at security profile 0 or 3.',
    },
    ...settings,
  },
  ['identity'],
);

export const patchStationBody = closed(settings);

export const stationAnswer = closed({
  identity: text(255),
  ...settings,
  connected: { type: 'boolean' },
  protocol: orNull(text(20)),
  gateway: orNull(text(40)),
  connectedAt: orNull(instant),
  lastSeenAt: orNull(instant),
  bootedAt: orNull(instant),
  vendor: orNull(text(255)),
  model: orNull(text(255)),
  serialNumber: orNull(text(255)),
  firmwareVersion: orNull(text(255)),
  evses: listOf(
    closed({ evseId: { type: 'integer' }, connectors: listOf(closed({ connectorId: { type: 'integer' } })) }),
  ),
  createdAt: instant,
});

export const createdStationAnswer: JsonSchema = {
  allOf: [
    stationAnswer,
    closed({ key: { ...orNull(text(40)), description: 'In hex; shown this once, null when none was made.' } }),
  ],
};

export const connectorAnswer = closed({
  evseId: { type: 'integer', description: '0 is the station itself.' },
  connectorId: { type: 'integer' },
  status: text(50, "The station's own word."),
  connectorState: oneOf(connectorStates),
  chargingState: oneOf(chargingStates),
  errorCode: text(50),
  info: orNull(text(255)),
  vendorErrorCode: orNull(text(255)),
  since: instant,
  transactionId: orNull(text(40)),
});

export const configurationAnswer = closed({
  variables: listOf(
    closed({
      key: text(255),
      value: orNull(text(2500, 'Null when it was never reported; secrets are masked.')),
      readonly: { type: ['boolean', 'null'] },
      reportedAt: orNull(instant),
      desired: orNull(text(2500)),
      desiredState: { enum: ['in-sync', 'pending', 'failed', null] },
    }),
  ),
  unknownKeys: listOf(text(255)),
});

export const messageAnswer = closed({
  at: instant,
  direction: oneOf(['in', 'out']),
  messageId: text(255),
  action: text(100),
  frame: text(262_144, 'The frame as it was on the wire, secrets masked.'),
  answerOf: orNull(text(255)),
  latencyMs: { type: ['number', 'null'] },
  deviations: listOf(closed({ rule: text(20), detail: text(500) })),
});

export const deviationAnswer = closed({
  rule: text(20),
  count: { type: 'integer' },
  firstAt: instant,
  lastAt: instant,
  example: text(2000),
});
