import { describe, expect, it } from 'vitest';
import { basicCredentials } from './basic-credentials.js';

const bytes = (text: string) => Buffer.from(text, 'latin1');

describe('Basic credentials', () => {
  // Goal: everything after the first colon is the password, byte for byte, colons and NULs included (rule A-04).
  it.each([
    ['AL1000:secret', 'AL1000', true, 'secret'],
    ['AL1000:a:b:c', 'AL1000', true, 'a:b:c'],
    ['AL1000:\x00\xff\x00', 'AL1000', true, '\x00\xff\x00'],
    ['AL1000:', 'AL1000', true, ''],
    ['AL1000:AL1000:x', 'AL1000', true, 'AL1000:x'],
    ['other:secret', 'AL1000', false, 'secret'],
    ['al1000:secret', 'AL1000', false, 'secret'],
    ['AL10001:secret', 'AL1000', false, 'secret'],
    [':secret', 'AL1000', false, 'secret'],
    ['a:b:secret', 'a:b', true, 'secret'],
  ])('A-04: splits %j of %s', (header, identity, userNameMatches, password) => {
    expect(basicCredentials(bytes(header), identity)).toEqual({ userNameMatches, password: bytes(password) });
  });

  // Goal: a header without a colon holds no credentials.
  it('A-04: needs a colon', () => {
    expect(basicCredentials(bytes('AL1000'), 'AL1000')).toBeNull();
    expect(basicCredentials(Buffer.alloc(0), 'AL1000')).toBeNull();
  });
});
