import { describe, expect, it } from 'vitest';
import { basicOfHeader } from './basic.js';

describe('basicOfHeader', () => {
  // The key's bytes survive, whatever they are (the example of OCPP-J 1.6, 6.2.2).
  it('keeps the bytes', () => {
    const basic = basicOfHeader('Basic QUwxMDAwOgABAgMEBQYH////////////////');
    expect(
      Buffer.from(basic ?? '', 'base64')
        .subarray(7)
        .toString('hex'),
    ).toBe('0001020304050607ffffffffffffffffffffffff');
  });

  // The scheme's case and blanks vary; padding may be missing.
  it.each(['basic YTpi', 'BASIC  YTpi ', 'Basic YTpi'])('reads %s', (header) => {
    expect(basicOfHeader(header)).toBe('YTpi');
  });
  it('restores the padding', () => {
    expect(basicOfHeader('Basic YTpiYw')).toBe('YTpiYw==');
  });

  // Everything else is no credential.
  it.each(['', 'Basic', 'Basic ', 'Bearer YTpi', 'Basic a b', 'Basic é', 'Basic a=b'])('ignores "%s"', (header) => {
    expect(basicOfHeader(header)).toBeUndefined();
  });
});
