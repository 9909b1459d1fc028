import { STATUS_CODES } from 'node:http';
import { type Problem, ProblemError } from '@busbar/events';
import type { Logger } from '@busbar/observability';
import { DatabaseError } from '@busbar/persistence';
import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';

/** Every failure leaves as `application/problem+json`; what we did not foresee leaves without detail. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(private readonly logger: Logger) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    sendProblem(http.getRequest(), http.getResponse(), this.#problemOf(error, http.getRequest()));
  }

  #problemOf(error: unknown, request: FastifyRequest): Problem {
    const problem = problemOf(error);
    if (problem.status >= 500 && !(error instanceof ProblemError)) {
      this.logger.error({ err: error, requestId: request.id }, 'request failed');
    }
    return problem;
  }
}

/** What an error means to a caller. */
export function problemOf(error: unknown): Problem {
  if (error instanceof ProblemError) {
    return error.problem;
  }
  if (error instanceof DatabaseError && error.code !== 'failed') {
    return { status: 503, code: 'unavailable', detail: 'The database is away. Try again.', retryAfterSeconds: 2 };
  }
  if (error instanceof HttpException) {
    return byStatus(error.getStatus(), error.message);
  }
  if (isHttpError(error)) {
    return byStatus(error.statusCode, error.message);
  }
  return { status: 500, code: 'internal', detail: 'The request failed on our side.' };
}

/** Fastify's own refusals (broken JSON, body too large, bad URL) carry a status. */
function isHttpError(error: unknown): error is Error & { statusCode: number } {
  return error instanceof Error && 'statusCode' in error && typeof error.statusCode === 'number';
}

function byStatus(status: number, detail: string): Problem {
  switch (status) {
    case 401:
    case 403:
    case 409:
    case 422:
    case 429:
    case 503:
      return { status, code: 'refused', detail };
    case 404:
      return { status, code: 'not-found', detail: 'There is no such resource.' };
    default:
      return status >= 500
        ? { status: 500, code: 'internal', detail: 'The request failed on our side.' }
        : { status: 400, code: 'malformed', detail };
  }
}

/** Writes a problem as the answer to a request. */
export function sendProblem(request: FastifyRequest, reply: FastifyReply, problem: Problem): void {
  if (problem.retryAfterSeconds !== undefined) {
    void reply.header('retry-after', String(problem.retryAfterSeconds));
  }
  if (problem.status === 401) {
    void reply.header('www-authenticate', 'Bearer');
  }
  void reply
    .code(problem.status)
    .header('content-type', 'application/problem+json; charset=utf-8')
    .send(
      JSON.stringify({
        type: `urn:busbar:problem:${problem.code}`,
        title: STATUS_CODES[problem.status] ?? 'Problem',
        status: problem.status,
        detail: problem.detail,
        code: problem.code,
        requestId: request.id,
        ...(problem.errors === undefined ? {} : { errors: problem.errors }),
      }),
    );
}
