import type { OutboundTable } from '../case-table.js';

const call = (key: string, value: string) => ({ action: 'ChangeConfiguration', payload: { key, value } });

export const changeConfiguration: OutboundTable = {
  lowers: [
    {
      why: 'one CALL each, in order; booleans and numbers as text (C-03)',
      params: {
        variables: [
          { key: 'LocalPreAuthorize', value: true },
          { key: 'HeartbeatInterval', value: 300 },
          { key: 'Unknown', value: 'TRUE' },
        ],
      },
      calls: [call('LocalPreAuthorize', 'true'), call('HeartbeatInterval', '300'), call('Unknown', 'TRUE')],
    },
    {
      why: 'the words of a standard boolean key in lower case (C-03)',
      params: { variables: [{ key: 'localpreauthorize', value: 'FALSE' }] },
      calls: [call('localpreauthorize', 'false')],
    },
    {
      why: 'a wrong value is for the station to refuse',
      params: { variables: [{ key: 'LocalPreAuthorize', value: 'perhaps' }] },
      calls: [call('LocalPreAuthorize', 'perhaps')],
    },
  ],
  invalid: [
    { why: 'none', params: { variables: [] }, pointers: ['/variables'] },
    { why: 'no variables', params: {}, pointers: ['/variables'] },
    {
      why: 'too long, missing, unknown',
      params: {
        variables: [
          { key: 'k'.repeat(51), value: 'v'.repeat(501) },
          { key: 'k', values: 1 },
        ],
      },
      pointers: ['/variables/0/key', '/variables/0/value', '/variables/1/value', '/variables/1/values'],
    },
  ],
  fails: [
    { why: 'a value over 500', payload: { key: 'k', value: 'v'.repeat(501) }, code: 'PropertyConstraintViolation' },
    { why: 'a boolean', payload: { key: 'k', value: true }, code: 'TypeConstraintViolation' },
  ],
  answers: [
    {
      why: 'stored',
      payload: { status: 'RebootRequired' },
      deviations: [],
      outcome: 'accepted',
      detail: 'RebootRequired',
    },
    {
      why: 'unknown key',
      payload: { status: 'NotSupported' },
      deviations: [],
      outcome: 'rejected',
      detail: 'NotSupported',
    },
    {
      why: 'no word at all',
      payload: {},
      deviations: ['8.3 /status: required'],
      outcome: 'accepted',
      detail: null,
    },
  ],
  badAnswers: [{ why: 'a list', payload: [], detail: 'payload: not of type object' }],
};
