import { describe, expect, it } from 'vitest';
import { reportedVariables } from './variables.js';

describe('reportedVariables', () => {
  it('reads a GetConfiguration answer without the value of secrets', () => {
    // Goal: A-09: a station that gives its key away does not get it stored.
    const response = {
      configurationKey: [
        { key: 'HeartbeatInterval', readonly: false, value: '300' },
        { key: 'Empty', readonly: true },
        { key: 'AuthorizationKey', readonly: false, value: 'secret' },
      ],
      unknownKey: ['Nope'],
    };
    expect(reportedVariables('GetConfiguration', {}, response)).toEqual({
      variables: [
        { key: 'HeartbeatInterval', readonly: false, value: '300' },
        { key: 'Empty', readonly: true },
        { key: 'AuthorizationKey', readonly: false },
      ],
      unknownKeys: ['Nope'],
    });
    expect(reportedVariables('GetConfiguration', {}, {})).toEqual({ variables: [], unknownKeys: [] });
  });

  it('reads a ChangeConfiguration by its status', () => {
    // Goal: only what is in force counts as reported.
    const request = { key: 'HeartbeatInterval', value: '60' };
    const after = (status: string) => reportedVariables('ChangeConfiguration', request, { status });
    expect(after('Accepted')).toEqual({ variables: [{ key: 'HeartbeatInterval', value: '60' }], unknownKeys: [] });
    expect(after('NotSupported')).toEqual({ variables: [], unknownKeys: ['HeartbeatInterval'] });
    expect(after('Rejected')).toBeUndefined();
    expect(after('RebootRequired')).toBeUndefined();
  });

  it('learns nothing from other calls', () => {
    // Goal: no other answer is taken for configuration.
    expect(reportedVariables('Reset', { key: 'a', value: 'b' }, { status: 'Accepted' })).toBeUndefined();
  });
});
