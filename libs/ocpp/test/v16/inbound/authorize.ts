import { type InboundTable, told } from '../case-table.js';

const at = '2026-11-22T09:18:06.000Z';
const report = (idToken: string) => ({ type: 'authorization.requested', occurredAt: at, data: { idToken } });

export const authorize: InboundTable = {
  passes: [
    { why: 'a tag', payload: { idTag: 'DEADBEEF' }, report: report('DEADBEEF') },
    { why: 'an empty tag is a tag (I-09)', payload: { idTag: '' }, report: report('') },
    { why: 'blanks stay (I-09)', payload: { idTag: ' F6 CA 0C C5' }, report: report(' F6 CA 0C C5') },
  ],
  coerced: [
    {
      why: 'a longer tag stays whole, for two look-ups',
      payload: { idTag: '123456789012345678901' },
      strict: 'PropertyConstraintViolation',
      deviations: ['I-09 /idTag: over 20 characters'],
      report: report('123456789012345678901'),
    },
    {
      why: 'a number keeps its digits',
      payload: '{"idTag":12345678901234567890}',
      strict: 'TypeConstraintViolation',
      deviations: ['I-09 /idTag: number instead of text'],
      report: report('12345678901234567890'),
    },
    {
      why: 'a connector, as many stations send it',
      payload: { idTag: 'A', connectorId: 1 },
      strict: 'FormationViolation',
      deviations: ['M-18 /connectorId: unknown member'],
      report: report('A'),
    },
    {
      why: 'a character that no database takes',
      payload: '{"idTag":"A\\u0000"}',
      strict: 'FormationViolation',
      deviations: ['I-09 /idTag: a character that is none'],
      report: report('A\ufffd'),
    },
  ],
  fails: [
    { why: 'no tag', payload: {}, code: 'OccurenceConstraintViolation' },
    { why: 'null is no tag', payload: { idTag: null }, code: 'OccurenceConstraintViolation' },
    { why: 'an object is no tag', payload: { idTag: {} }, code: 'TypeConstraintViolation' },
    { why: 'no object', payload: ['A'], code: 'FormationViolation' },
  ],
  answers: [
    {
      why: 'everything that 1.6 can say',
      made: told('Authorize', 'authorization.requested', {
        idTokenInfo: { status: 'Accepted', expiresAt: '2027-01-01T00:00:00Z', group: 'FLEET' },
      }),
      payload: { idTagInfo: { expiryDate: '2027-01-01T00:00:00.000Z', parentIdTag: 'FLEET', status: 'Accepted' } },
    },
    ...(
      [
        ['Blocked', 'Blocked'],
        ['Expired', 'Expired'],
        ['Invalid', 'Invalid'],
        ['ConcurrentTx', 'ConcurrentTx'],
        ['NoCredit', 'Blocked'],
        ['Unknown', 'Invalid'],
        ['NotAtThisLocation', 'Invalid'],
        ['NotAtThisTime', 'Invalid'],
        ['NotAllowedTypeEVSE', 'Invalid'],
      ] as const
    ).map(([status, word]) => ({
      why: `${status} is ${word}`,
      made: told('Authorize', 'authorization.requested', { idTokenInfo: { status } }),
      payload: { idTagInfo: { status: word } },
    })),
    {
      why: 'a group too long for 1.6 is left out',
      made: told('Authorize', 'authorization.requested', {
        idTokenInfo: { status: 'Accepted', group: 'G'.repeat(21) },
      }),
      payload: { idTagInfo: { status: 'Accepted' } },
    },
  ],
};
