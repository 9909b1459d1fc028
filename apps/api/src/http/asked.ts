import { createHash } from 'node:crypto';
import { type AskContext, ProblemError } from '@busbar/events';
import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { ApiCaller } from '../keys/api-caller.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** Set by the first hook of every request that needs a key. */
    caller: ApiCaller | null;
  }
}

/** The context that travels with a request to the services: tenant, caller, request id, idempotency. */
export const Asked = createParamDecorator((_: unknown, context: ExecutionContext): AskContext => {
  return askContextOf(context.switchToHttp().getRequest<FastifyRequest>());
});

function askContextOf(request: FastifyRequest): AskContext {
  if (request.caller === null) {
    throw new ProblemError({ status: 401, code: 'key-missing', detail: 'An API key is needed.' });
  }
  const { tenant, keyId } = request.caller;
  const idempotency = request.method === 'POST' ? idempotencyOf(request, keyId) : undefined;
  return { tenant, caller: keyId, requestId: request.id, ...(idempotency === undefined ? {} : { idempotency }) };
}

/** Keys of different callers never meet. The digest tells a repeat from another request under the same key. */
function idempotencyOf(request: FastifyRequest, keyId: string): AskContext['idempotency'] {
  const header = request.headers['idempotency-key'];
  if (header === undefined) {
    return undefined;
  }
  if (typeof header !== 'string' || !/^[\x21-\x7e]{1,255}$/.test(header)) {
    throw new ProblemError({
      status: 400,
      code: 'idempotency-key-invalid',
      detail: 'Idempotency-Key must be 1 to 255 printable ASCII characters without blanks.',
    });
  }
  const path = request.url.split('?', 1)[0];
  const digest = createHash('sha256')
    .update(`${request.method} ${path}\n${JSON.stringify(request.body ?? null)}`)
    .digest('hex');
  return { key: `${keyId}:${header}`, digest };
}
