import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { bearerOf } from '../keys/api-key.js';
import type { KeyStore } from '../keys/key-store.js';
import { problemOf, sendProblem } from './problem-filter.js';

const bodyBytesMax = 1024 * 1024;

/** What anyone may read: probes, metrics and the description of the API. Everything else needs a key. */
const open = /^\/(healthz|readyz|metrics|openapi\.json|docs(\/[A-Za-z0-9._-]*)?)$/;

/**
 * The HTTP server below NestJS. Who asks is settled in the first hook, before any route is looked up: a path
 * that nobody wrote a guard for is refused like every other.
 */
export function createServer(keys: KeyStore, newRequestId: () => string): FastifyAdapter {
  const adapter = new FastifyAdapter({
    bodyLimit: bodyBytesMax,
    genReqId: newRequestId,
    logger: false,
    requestTimeout: 30_000,
    routerOptions: { maxParamLength: 1024 },
    frameworkErrors: (error: Error, request: FastifyRequest, reply: FastifyReply) => {
      sendProblem(request, reply, problemOf(error));
    },
  });
  const fastify = adapter.getInstance();
  fastify.decorateRequest('caller', null);
  fastify.addHook('onRequest', async (request, reply) => {
    void reply.header('x-request-id', request.id).header('x-content-type-options', 'nosniff');
    const path = request.url.split('?', 1)[0] ?? '';
    if (open.test(path) && (request.method === 'GET' || request.method === 'HEAD')) {
      return;
    }
    const key = bearerOf(request.headers.authorization);
    request.caller = key === undefined ? null : await keys.callerOf(key);
    if (request.caller === null) {
      sendProblem(request, reply, {
        status: 401,
        code: key === undefined ? 'key-missing' : 'key-wrong',
        detail: 'Give an API key: Authorization: Bearer <key>.',
      });
      await reply;
    }
  });
  fastify.addContentTypeParser(
    'application/merge-patch+json',
    { parseAs: 'string', bodyLimit: bodyBytesMax },
    fastify.getDefaultJsonParser('error', 'error'),
  );
  return adapter;
}
