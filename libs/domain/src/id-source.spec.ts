import { describe, expect, it } from 'vitest';
import { isId, TimeOrderedIds, timeOfId } from './id-source.js';

describe('ids', () => {
  // Goal: an id has the form that is promised, and tells when it was made.
  it('tell when they were made', () => {
    const before = Date.now();
    const id = new TimeOrderedIds().next<'thing'>();
    const after = Date.now();
    expect(isId(id)).toBe(true);
    expect(timeOfId(id).getTime()).toBeGreaterThanOrEqual(before);
    expect(timeOfId(id).getTime()).toBeLessThanOrEqual(after);
  });

  // Goal: the digits are read as they are written, the last one counting least.
  it('count milliseconds from 1970', () => {
    expect(timeOfId(`000000000z${'0'.repeat(16)}`)).toEqual(new Date(31));
    expect(timeOfId(`0000000010${'0'.repeat(16)}`)).toEqual(new Date(32));
  });
});
