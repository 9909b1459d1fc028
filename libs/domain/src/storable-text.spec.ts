import { describe, expect, it } from 'vitest';
import { storableText } from './storable-text.js';

describe('storableText', () => {
  // Goal: what Postgres refuses is replaced, everything else stays as it came, also when the cut halves a character.
  it.each([
    ['RDAM 123', 255, 'RDAM 123'],
    ['a\u0000b', 255, 'a\ufffdb'],
    ['a\ud800b', 255, 'a\ufffdb'],
    ['\u{1f50c}', 255, '\u{1f50c}'],
    ['ab\u{1f50c}', 3, 'ab\ufffd'],
    ['abcdef', 3, 'abc'],
    ['', 3, ''],
  ])('%j cut at %d is %j', (text, lengthMax, expected) => {
    expect(storableText(text, lengthMax)).toBe(expected);
  });
});
