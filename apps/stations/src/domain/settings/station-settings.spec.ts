import { ProblemError } from '@busbar/events';
import { describe, expect, it } from 'vitest';
import { identityProblem } from './identity.js';
import { isSecretVariable } from './secret-variable.js';
import { checkedSettings, defaultSettings } from './station-settings.js';

function pointersOf(posted: Record<string, unknown>): string[] {
  try {
    checkedSettings(posted);
    return [];
  } catch (error) {
    if (error instanceof ProblemError) return (error.problem.errors ?? []).map(({ pointer }) => pointer);
    throw error;
  }
}

describe('station settings', () => {
  // Goal: what is right passes as it is; tags lose their repeats.
  it('takes what is right', () => {
    expect(checkedSettings({ ...defaultSettings })).toEqual(defaultSettings);
    expect(checkedSettings({ tags: ['a', 'b', 'a'], site: null })).toEqual({ tags: ['a', 'b'], site: null });
    expect(checkedSettings({})).toEqual({});
  });

  // Goal: each wrong member is named, unknown ones too.
  it.each([
    ['securityProfile', 4],
    ['securityProfile', '1'],
    ['registration', 'Accepted'],
    ['heartbeatIntervalSeconds', 0],
    ['heartbeatIntervalSeconds', 1.5],
    ['heartbeatIntervalSeconds', 86_401],
    ['strict', 'true'],
    ['assumeProtocol', 'ocpp2.0.1'],
    ['site', ''],
    ['site', 'a\u0000'],
    ['tags', 'a'],
    ['tags', [1]],
    ['tags', Array.from({ length: 51 }, (_, index) => `t${index}`)],
    ['localList', { managed: 1 }],
    ['localList', null],
    ['clearCacheOnRevocation', null],
    ['__proto__x', 1],
    ['key', 'generate'],
  ])('refuses %s %j', (member, value) => {
    expect(pointersOf({ [member]: value })).toEqual([`/${member}`]);
  });

  // Goal: every printable identity is ordinary; only what no URL segment of ours may hold is refused (rule T-03).
  it('T-03: takes ordinary identities', () => {
    for (const identity of ['a.b', '*', '>', "'", '"', 'a/b', 'RDAM 123', 'ü', 'a:b']) {
      expect(identityProblem(identity)).toBeNull();
    }
    for (const identity of ['', 'a\u0000', 'a\nb', '\u0085', '\ud800', 'ü'.repeat(128), 7, undefined]) {
      expect(identityProblem(identity)).not.toBeNull();
    }
  });

  // Goal: the key, and what vendors call their passwords, never reaches the database (rule A-09).
  it('A-09: knows secrets from settings', () => {
    for (const key of ['AuthorizationKey', 'AUTHORIZATIONKEY', 'WifiPassword', 'ftp_secret', 'ApiToken']) {
      expect(isSecretVariable(key)).toBe(true);
    }
    for (const key of ['LocalAuthListEnabled', 'AuthorizeRemoteTxRequests', 'HeartbeatInterval', 'TokenCacheSize']) {
      expect(isSecretVariable(key)).toBe(false);
    }
  });
});
