import { describe, expect, it } from 'vitest';
import { preferredWait } from './prefer.js';

describe('preferredWait', () => {
  // RFC 7240 allows other preferences beside ours, and parameters behind it.
  it.each([
    ['wait=20', 20],
    ['respond-async, wait=5', 5],
    ['wait=7;foo', 7],
    ['WAIT=3', 3],
    ['wait=600', 60],
  ])('reads %s', (header, seconds) => {
    expect(preferredWait(header)).toBe(seconds);
  });

  // What is no preference to wait must not be taken for one.
  it.each([undefined, '', 'wait', 'wait=x', 'await=5', 'wait=-1', 'wait=12345'])('ignores %s', (header) => {
    expect(preferredWait(header)).toBeUndefined();
  });
});
