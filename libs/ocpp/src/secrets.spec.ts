import { describe, expect, it } from 'vitest';
import { isSecretKey, maskFrame, maskSecrets } from './secrets.js';

const key = '0001020304050607FFFFFFFFFFFFFFFFFFFFFFFF';

describe('maskSecrets', () => {
  it('masks the key in requests, answers and params, in any case', () => {
    // Goal: wherever a key can stand, it is not kept.
    expect(maskSecrets('ChangeConfiguration', { key: 'AuthorizationKey', value: key })).toEqual({
      key: 'AuthorizationKey',
      value: '***',
    });
    const answer = {
      configurationKey: [
        { key: 'authorizationkey', readonly: false, value: key },
        { key: 'a', value: '1' },
      ],
    };
    expect(maskSecrets('GetConfiguration', answer)).toEqual({
      configurationKey: [
        { key: 'authorizationkey', readonly: false, value: '***' },
        { key: 'a', value: '1' },
      ],
    });
    expect(answer.configurationKey[0]?.value).toBe(key);
    expect(maskSecrets('SetVariables', { variables: [{ key: ' AUTHORIZATIONKEY', value: key }] })).toEqual({
      variables: [{ key: ' AUTHORIZATIONKEY', value: '***' }],
    });
  });

  it('gives the same object back when there is nothing to mask', () => {
    // Goal: the common case costs no copy.
    const payload = { key: 'HeartbeatInterval', value: '300' };
    expect(maskSecrets('ChangeConfiguration', payload)).toBe(payload);
    const other = { key: 'AuthorizationKey', value: key };
    expect(maskSecrets('DataTransfer', other)).toBe(other);
  });

  it('knows the names', () => {
    // Goal: the keys of 1.6 and 2.x, and no part of another word.
    expect(['AuthorizationKey', 'basicauthpassword', 'AuthorizationKeyName', ''].map(isSecretKey)).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });
});

describe('maskFrame', () => {
  it.each([
    `[2,"m1","ChangeConfiguration",{"key":"AuthorizationKey","value":"${key}"}]`,
    `[3,"m1",{"configurationKey":[{"key":"AuthorizationKey","readonly":false,"value":"${key}"}]}]`,
    `[2,"m1","ChangeConfiguration",{"value":"${key}","key":"Authorization\\u004bey"}]`,
    `[2,"m1","ChangeConfiguration",{"key":"AUTHORIZATIONKEY","value":"${key}"`,
    `[3,"m1",{"configurationKey":[{"key":"Authorization\\u004Bey","value":"${key}"`,
  ])('leaves no key in %s', (frame) => {
    // Goal: also escapes, other case and broken JSON give no key away.
    const masked = maskFrame(frame);
    expect(masked).not.toContain(key);
    expect(masked).toContain('***');
  });

  it('cuts a text too deep to be walked', () => {
    // Goal: a hostile frame does not overflow the stack.
    const frame = `${'['.repeat(100_000)}{"key":"AuthorizationKey","value":"${key}"}`;
    expect(maskFrame(frame)).not.toContain(key);
  });

  it.each([
    '[2,"m1","Heartbeat",{}]',
    '[2,"m1","DataTransfer",{"vendorId":"\\u00e9"}]',
    'broken \\u0041',
    '{"a":"AuthorizationKey"}',
  ])('gives %s back as it is', (frame) => {
    // Goal: what holds no secret is recorded to the letter.
    expect(maskFrame(frame)).toBe(frame);
  });
});
