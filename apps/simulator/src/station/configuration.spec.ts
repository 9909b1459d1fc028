import { describe, expect, it } from 'vitest';
import { Configuration } from './configuration.js';

describe('Configuration', () => {
  // Every answer that OCPP 1.6 knows for a change, and what it leaves behind.
  it.each([
    ['MeterValueSampleInterval', '60', 'Accepted', '60'],
    ['MeterValueSampleInterval', 'soon', 'Rejected', '10'],
    ['NumberOfConnectors', '9', 'Rejected', '2'],
    ['MadeUpKey', '1', 'NotSupported', ''],
    ['LocalPreAuthorize', 'TRUE', 'Accepted', 'TRUE'],
  ])('%s = %s is %s', (name, value, status, after) => {
    const configuration = new Configuration(2);
    expect(configuration.change(name, value)).toBe(status);
    expect(configuration.get(name)).toBe(after);
  });

  // The key to the door is never told to anyone.
  it('does not report AuthorizationKey', () => {
    const configuration = new Configuration(1);
    expect(configuration.change('AuthorizationKey', '00'.repeat(20))).toBe('Accepted');
    expect(configuration.report([]).configurationKey.map(({ key }) => key)).not.toContain('AuthorizationKey');
    expect(configuration.report(['AuthorizationKey', 'HeartbeatInterval', 'Nope'])).toEqual({
      configurationKey: [{ key: 'HeartbeatInterval', readonly: false, value: '300' }],
      unknownKey: ['AuthorizationKey', 'Nope'],
    });
  });
});
