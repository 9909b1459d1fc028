import type { OutboundTable } from '../case-table.js';

const call = (...key: string[]) => ({ action: 'GetConfiguration', payload: { key } });
const all = [{ action: 'GetConfiguration', payload: {} }];

export const getConfiguration: OutboundTable = {
  lowers: [
    { why: 'all', params: {}, calls: all },
    { why: 'an empty list is all (C-08)', params: { keys: [] }, calls: all },
    { why: 'some, unsplit while no limit is known', params: { keys: ['a', 'b', 'c'] }, calls: [call('a', 'b', 'c')] },
    {
      why: 'split (C-08)',
      params: { keys: ['a', 'b', 'c'] },
      context: { maxKeysPerGetVariables: 2 },
      calls: [call('a', 'b'), call('c')],
    },
    {
      why: 'a limit that is none',
      params: { keys: ['a', 'b'] },
      context: { maxKeysPerGetVariables: 0 },
      calls: [call('a'), call('b')],
    },
  ],
  invalid: [
    { why: 'a long key', params: { keys: ['k'.repeat(51)] }, pointers: ['/keys/0'] },
    { why: 'another name', params: { key: ['a'] }, pointers: ['/key'] },
  ],
  fails: [{ why: 'a text as list', payload: { key: 'a' }, code: 'TypeConstraintViolation' }],
  answers: [
    {
      why: 'clean',
      payload: { configurationKey: [{ key: 'a', readonly: true, value: '1' }], unknownKey: ['b'] },
      deviations: [],
      outcome: 'accepted',
      detail: null,
    },
    { why: 'nothing', payload: {}, deviations: [], outcome: 'accepted', detail: null },
    {
      why: 'flags as text and number, values as numbers (8.3)',
      payload:
        '{"configurationKey":[{"key":"a","readonly":"TRUE","value":1.50},{"key":"b","readonly":0,"value":false},{"key":"c","readonly":1,"value":null}]}',
      deviations: [
        '8.2.3 /configurationKey/*/readonly: text instead of a boolean',
        '8.2.3 /configurationKey/*/value: number instead of text',
        '8.2.3 /configurationKey/*/readonly: number instead of a boolean',
        '8.2.3 /configurationKey/*/value: boolean instead of text',
        '8.2.2 /configurationKey/*/value: null',
      ],
      outcome: 'accepted',
      detail: null,
    },
    {
      why: 'a value over 500 characters stays whole (8.3)',
      payload: { configurationKey: [{ key: 'a', readonly: true, value: 'v'.repeat(600) }] },
      deviations: [
        '8.2.4 /configurationKey/*/value: over 500 characters',
        '8.3 /configurationKey/0/value: must NOT have more than 500 characters',
      ],
      outcome: 'accepted',
      detail: null,
    },
  ],
  badAnswers: [
    { why: 'no list', payload: { configurationKey: 'a' }, detail: '/configurationKey: not of type array' },
    { why: 'a list of texts', payload: { configurationKey: ['a'] }, detail: '/configurationKey/0: not of type object' },
  ],
};
