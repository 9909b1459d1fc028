import { describe, expect, it } from 'vitest';
import { lower, lowerRaw, startsOrStops, verdictOf, versionOf } from './protocol.js';
import { masked, storable } from './secrets.js';

describe('secrets', () => {
  it.each([
    [
      { key: 'AuthorizationKey', value: 'AB' },
      { key: 'AuthorizationKey', value: '***' },
    ],
    [
      { key: ' authorizationkey', value: 'AB' },
      { key: ' authorizationkey', value: '***' },
    ],
  ])('mask the value of a key that is one: %j', (payload, shown) => {
    // Goal: however a key is spelled, its value does not show (rule C-03).
    expect(masked('ChangeConfiguration', payload)).toEqual(shown);
  });

  it.each([
    ['ftp://user:pass@host/dir', 'ftp://user:***@host/dir'],
    ['https://u:p:q@host:8080/x?y=a:b@c', 'https://u:***@host:8080/x?y=a:b@c'],
    ['ftp://user@host/', 'ftp://user@host/'],
    ['https://host/a:b@c', 'https://host/a:b@c'],
    ['no url: a@b', 'no url: a@b'],
  ])('mask the password in %s', (location, shown) => {
    // Goal: a location is shown without its password, and otherwise as it is.
    expect(masked('GetDiagnostics', { location })).toEqual({ location: shown });
  });

  it('leave everything else as it is, the very same object', () => {
    // Goal: what has no secret is not kept twice.
    const payload = { key: 'HeartbeatInterval', value: '300', list: [{ a: 'b' }] };
    expect(masked('ChangeConfiguration', payload)).toBe(payload);
    expect(storable(payload)).toBe(payload);
  });
});

it('makes what a station says storable', () => {
  // Goal: NUL and lone surrogates, in names too, however deep; whole characters stay.
  expect(storable({ 'a\u0000': ['\ud800x', { b: '\u{1f50c}' }] })).toEqual({
    'a\ufffd': ['\ufffdx', { b: '\u{1f50c}' }],
  });
});

describe('versions', () => {
  it.each([
    [null, '1.6'],
    ['ocpp1.6', '1.6'],
    ['ocpp2.0.1', null],
    ['ocpp9', null],
  ])('%s is %s', (protocol, version) => {
    // Goal: 1.6 until a station has connected; a version that we do not speak is none.
    expect(versionOf(protocol)).toBe(version);
  });
});

describe('lowering', () => {
  it('gives CALLs with their time-out and what is shown of them', () => {
    // Goal: API.md's longer time-outs come from the catalogue; nothing is masked that is no secret.
    expect(lower('1.6', 'GetVariables', {}, { maxKeysPerGetVariables: null })).toEqual({
      calls: [{ action: 'GetConfiguration', payload: {}, shown: {}, timeoutMs: 60_000 }],
    });
  });

  it('points at the members of the body', () => {
    // Goal: a caller can find the wrong member in what it posted.
    expect(lower('1.6', 'Reset', {}, { maxKeysPerGetVariables: null })).toMatchObject({
      invalid: [{ pointer: '/params/mode' }],
    });
    expect(lowerRaw('1.6', 'Reset', { type: 'Warm' })).toMatchObject({ invalid: [{ pointer: '/payload/type' }] });
    expect(lowerRaw('1.6', 'BootNotification', {})).toMatchObject({ invalid: [{ pointer: '/action' }] });
  });

  it('knows what starts and stops transactions', () => {
    // Goal: a raw call can't get around the registration (rule R-07).
    expect(['RemoteStartTransaction', 'RemoteStopTransaction'].every(startsOrStops)).toBe(true);
    expect(startsOrStops('Reset')).toBe(false);
  });
});

describe('verdicts', () => {
  it('mask what a station gives away', () => {
    // Goal: a station that shows its key when asked does not make us show it.
    const configurationKey = [{ key: 'AuthorizationKey', readonly: false, value: 'secret' }];
    const verdict = verdictOf('GetConfiguration', { kind: 'result', payload: { configurationKey } });
    expect(verdict).toMatchObject({ outcome: 'accepted', detail: null });
    expect(JSON.stringify(verdict)).not.toContain('secret');
  });

  it('cut what a station says of an error', () => {
    // Goal: no row grows by what a station likes to write.
    const description = 'x'.repeat(5_000);
    const verdict = verdictOf('Reset', { kind: 'error', code: 'GenericError\u0000', description, details: {} });
    expect(verdict.error?.description).toHaveLength(1_000);
    expect(verdict.detail).toBe('GenericError\ufffd');
  });
});
