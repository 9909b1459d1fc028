import { closed, listOf, text } from './json-schema.js';

/** RFC 9457, with our `code`, `requestId` and `errors`. */
export const problemSchema = closed(
  {
    type: text(200),
    title: text(200),
    status: { type: 'integer' },
    detail: text(2000),
    code: text(60, 'Stable; docs/errors.md lists every one.'),
    requestId: text(60),
    errors: listOf(closed({ pointer: { type: 'string' }, detail: text(500) }, ['pointer', 'detail'])),
  },
  ['type', 'title', 'status', 'detail', 'code', 'requestId'],
);
