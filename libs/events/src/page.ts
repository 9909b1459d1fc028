import { isId } from '@busbar/domain';
import type { Page } from './operations/operation.js';
import { ProblemError } from './problem.js';

/** How many rows a page may have at most, whatever was asked for. */
export const pageLimitMax = 500;

/**
 * A page of rows that were read newest first by id, one more than `limit` of them: the extra row only says that
 * there is a next page.
 */
export function pageOf<Row, Item>(
  rows: readonly Row[],
  limit: number,
  idOf: (row: Row) => string,
  itemOf: (row: Row) => Item,
): Page<Item> {
  const shown = rows.slice(0, limit);
  const last = rows.length > limit ? shown.at(-1) : undefined;
  const nextCursor = last === undefined ? null : Buffer.from(idOf(last), 'latin1').toString('base64url');
  return { items: shown.map(itemOf), nextCursor };
}

/** The id that a page begins after; null for the first page. Throws a `ProblemError` 400 `cursor-invalid`. */
export function idOfCursor(cursor: string | undefined): string | null {
  if (cursor === undefined) return null;
  const id = Buffer.from(cursor, 'base64url').toString('latin1');
  if (isId(id)) return id;
  throw new ProblemError({ status: 400, code: 'cursor-invalid', detail: 'The cursor is not one that was given out.' });
}
