import { type InboundTable, told } from '../case-table.js';

const at = '2026-11-22T09:18:06.000Z';
const report = (evseId: number, data: object, occurredAt = at) => ({
  type: 'connector.statusChanged',
  evseId,
  connectorId: evseId === 0 ? 0 : 1,
  occurredAt,
  data,
});
const axes = (connectorState: string, chargingState: string, phase?: string) => ({
  connectorState,
  chargingState,
  ...(phase === undefined ? {} : { phase }),
});

export const statusNotification: InboundTable = {
  passes: [
    ...(
      [
        ['Available', axes('Available', 'Idle')],
        ['Preparing', axes('Occupied', 'EVConnected', 'preparing')],
        ['Charging', axes('Occupied', 'Charging')],
        ['SuspendedEVSE', axes('Occupied', 'SuspendedEVSE')],
        ['SuspendedEV', axes('Occupied', 'SuspendedEV')],
        ['Finishing', axes('Occupied', 'EVConnected', 'finishing')],
        ['Reserved', axes('Reserved', 'Idle')],
        ['Unavailable', axes('Unavailable', 'Idle')],
        ['Faulted', axes('Faulted', 'Idle')],
      ] as const
    ).map(([status, state]) => ({
      why: `${status} on two axes`,
      payload: { connectorId: 2, errorCode: 'NoError', status },
      report: report(2, { ...state, status, errorCode: 'NoError' }),
    })),
    {
      why: 'the station itself, with all members',
      payload: {
        connectorId: 0,
        errorCode: 'OtherError',
        status: 'Faulted',
        info: '{"a":1}',
        vendorId: 'org.v',
        vendorErrorCode: 'E7',
        timestamp: '2026-11-22T10:18:06.5+02:00',
      },
      report: report(
        0,
        {
          ...axes('Faulted', 'Idle'),
          status: 'Faulted',
          errorCode: 'OtherError',
          info: '{"a":1}',
          vendorId: 'org.v',
          vendorErrorCode: 'E7',
          timestampText: '2026-11-22T10:18:06.5+02:00',
        },
        '2026-11-22T08:18:06.500Z',
      ),
    },
    {
      why: 'empty texts are absent',
      payload: { connectorId: 1, errorCode: 'NoError', status: 'Available', info: '', vendorErrorCode: '' },
      report: report(1, { ...axes('Available', 'Idle'), status: 'Available', errorCode: 'NoError' }),
    },
  ],
  coerced: [
    {
      why: 'defaults for what is missing',
      payload: { status: 'Available' },
      strict: 'OccurenceConstraintViolation',
      deviations: ['8.2.4 /connectorId: missing, taken as 0', '8.2.4 /errorCode: missing, taken as NoError'],
      report: report(0, { ...axes('Available', 'Idle'), status: 'Available', errorCode: 'NoError' }),
    },
    {
      why: 'other case and an unknown error',
      payload: { connectorId: '1', errorCode: 'Error', status: 'charging' },
      strict: 'TypeConstraintViolation',
      deviations: [
        '8.2.3 /connectorId: text instead of a number',
        '8.2.3 /status: other case',
        '8.2.5 /errorCode: unknown word Error, taken as OtherError',
      ],
      report: report(1, { ...axes('Occupied', 'Charging'), status: 'Charging', errorCode: 'OtherError' }),
    },
    {
      why: 'an unknown status keeps the state',
      payload: { connectorId: 1, errorCode: 'NoError', status: 'Dancing' },
      strict: 'PropertyConstraintViolation',
      deviations: ['8.2.5 /status: unknown word'],
      report: report(1, { ...axes('Unavailable', 'Idle'), keepsState: true, status: 'Dancing', errorCode: 'NoError' }),
    },
    {
      why: "1.5's Occupied",
      payload: { connectorId: 1, errorCode: 'NoError', status: 'Occupied' },
      strict: 'PropertyConstraintViolation',
      deviations: ['8.2.5 /status: unknown word'],
      report: report(1, { ...axes('Occupied', 'EVConnected'), status: 'Occupied', errorCode: 'NoError' }),
    },
    {
      why: 'nothing at all',
      payload: {},
      strict: 'OccurenceConstraintViolation',
      deviations: [
        '8.2.4 /connectorId: missing, taken as 0',
        '8.2.4 /errorCode: missing, taken as NoError',
        'N-02 /status: none of the station itself',
        '8.2.5 /status: unknown word',
      ],
      report: report(0, { ...axes('Unavailable', 'Idle'), keepsState: true, status: '', errorCode: 'NoError' }),
    },
    {
      why: 'a long and structured info',
      payload: { connectorId: 1, errorCode: 'NoError', status: 'Available', info: { text: 'x'.repeat(60) } },
      strict: 'TypeConstraintViolation',
      deviations: ['N-09 /info: JSON instead of text', 'N-09 /info: over 50 characters'],
      report: report(1, {
        ...axes('Available', 'Idle'),
        status: 'Available',
        errorCode: 'NoError',
        info: `{"text":"${'x'.repeat(41)}`,
      }),
    },
    {
      why: 'an impossible time',
      payload: { connectorId: 1, errorCode: 'NoError', status: 'Available', timestamp: '2022-02-29T00:00:00Z' },
      strict: 'PropertyConstraintViolation',
      deviations: ['8.1 /timestamp: no time, taken as received'],
      report: report(1, {
        ...axes('Available', 'Idle'),
        status: 'Available',
        errorCode: 'NoError',
        timestampText: '2022-02-29T00:00:00Z',
      }),
    },
    {
      why: 'a connector that cannot be',
      payload: { connectorId: -1, errorCode: 'NoError', status: 'Faulted', x: 1 },
      strict: 'FormationViolation',
      deviations: ['M-18 /x: unknown member', 'N-03 /connectorId: no number of a connector, taken as 0'],
      report: report(0, { ...axes('Faulted', 'Idle'), status: 'Faulted', errorCode: 'NoError' }),
    },
    {
      why: 'no object is answered all the same',
      payload: '"Available"',
      strict: 'FormationViolation',
      deviations: [
        'M-21 payload: no object',
        '8.2.4 /connectorId: missing, taken as 0',
        '8.2.4 /errorCode: missing, taken as NoError',
        'N-02 /status: none of the station itself',
        '8.2.5 /status: unknown word',
      ],
      report: report(0, { ...axes('Unavailable', 'Idle'), keepsState: true, status: '', errorCode: 'NoError' }),
    },
  ],
  fails: [],
  answers: [
    { why: 'always empty (N-01)', made: told('StatusNotification', 'connector.statusChanged', {}), payload: {} },
  ],
};
