import type { OutboundTable } from '../case-table.js';

const call = (connectorId: number, type: string) => [{ action: 'ChangeAvailability', payload: { connectorId, type } }];

export const changeAvailability: OutboundTable = {
  lowers: [
    { why: 'the whole station', params: { operational: false }, calls: call(0, 'Inoperative') },
    { why: 'the station by number', params: { evseId: 0, operational: true }, calls: call(0, 'Operative') },
    { why: 'one connector', params: { evseId: 2, operational: true }, calls: call(2, 'Operative') },
  ],
  invalid: [
    { why: 'not said which', params: {}, pointers: ['/operational'] },
    {
      why: 'everything wrong',
      params: { evseId: 'a', operational: 1, x: 1 },
      pointers: ['/x', '/evseId', '/operational'],
    },
  ],
  fails: [
    {
      why: 'a word of another version',
      payload: { connectorId: 1, type: 'Available' },
      code: 'PropertyConstraintViolation',
    },
    { why: 'no type', payload: { connectorId: 1 }, code: 'OccurenceConstraintViolation' },
  ],
  answers: [
    { why: 'later', payload: { status: 'Scheduled' }, deviations: [], outcome: 'accepted', detail: 'Scheduled' },
    { why: 'no', payload: { status: 'Rejected' }, deviations: [], outcome: 'rejected', detail: 'Rejected' },
    {
      why: 'other case',
      payload: { status: 'accepted' },
      deviations: ['8.2.3 /status: other case'],
      outcome: 'accepted',
      detail: 'Accepted',
    },
  ],
  badAnswers: [{ why: 'an object as status', payload: { status: {} }, detail: '/status: not of type string' }],
};
