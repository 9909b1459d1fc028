import { isId } from '@busbar/domain';
import { describe, expect, it } from 'vitest';
import { CountingIds } from './counting-ids.js';

describe('CountingIds', () => {
  // A test can name the next id before it is made, and the form passes where ours do.
  it('counts', () => {
    const ids = new CountingIds();
    expect(ids.next()).toBe(ids.at(1));
    expect(ids.next()).toBe(ids.at(2));
    expect(ids.at(2)).not.toBe(ids.at(1));
    expect(isId(ids.next())).toBe(true);
  });
});
