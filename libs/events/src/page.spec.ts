import { describe, expect, it } from 'vitest';
import { idOfCursor, pageOf } from './page.js';
import { ProblemError } from './problem.js';

const ids = ['0000000000000000000000003z', '0000000000000000000000002z', '0000000000000000000000001z'];
const page = (rows: string[], limit: number) =>
  pageOf(
    rows,
    limit,
    (id) => id,
    (id) => id,
  );

describe('pages', () => {
  // Goal: the extra row is never shown, and the cursor leads to the row after the last that was.
  it('shows the limit and a cursor when there is more', () => {
    const { items, nextCursor } = page(ids, 2);
    expect(items).toEqual(ids.slice(0, 2));
    expect(idOfCursor(nextCursor ?? undefined)).toBe(ids[1]);
  });

  // Goal: the last page says that it is the last.
  it('has no cursor at the end', () => {
    expect(page(ids, 3)).toEqual({ items: ids, nextCursor: null });
    expect(page([], 3)).toEqual({ items: [], nextCursor: null });
    expect(idOfCursor(undefined)).toBeNull();
  });

  // Goal: a text that we never gave out reaches no query.
  it.each(['', 'x', "' or true --", Buffer.from('../../etc/passwd').toString('base64url')])('refuses %j', (cursor) => {
    expect(() => idOfCursor(cursor)).toThrow(ProblemError);
  });
});
