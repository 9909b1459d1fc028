import { type ProblemDetail, ProblemError } from '@busbar/events';
import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import type { FastifyRequest } from 'fastify';
import type { Observable } from 'rxjs';
import { type EndpointSpec, endpointMetadata } from './endpoint.js';
import { closed, type JsonSchema } from './json-schema.js';

const bodies = new Ajv2020({ allErrors: true, strict: false, useDefaults: false });
/** Query members arrive as text, so they are read as what their schema says. */
const queries = new Ajv2020({ allErrors: true, strict: false, useDefaults: true, coerceTypes: true });
addFormats.default(bodies);
addFormats.default(queries);

interface Checks {
  body?: ValidateFunction;
  query: ValidateFunction;
}

/** Checks query and body of each request against the endpoint's schemas before the controller sees them. */
@Injectable()
export class CheckedInput implements NestInterceptor {
  readonly #checks = new Map<EndpointSpec, Checks>();

  constructor(private readonly reflector: Reflector) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const spec = this.reflector.get<EndpointSpec | undefined>(endpointMetadata, context.getHandler());
    if (spec !== undefined) {
      this.#check(spec, context.switchToHttp().getRequest<FastifyRequest>());
    }
    return next.handle();
  }

  #check(spec: EndpointSpec, request: FastifyRequest): void {
    const checks = this.#checksOf(spec);
    if (!checks.query(request.query)) {
      throw new ProblemError({
        status: 400,
        code: 'query-invalid',
        detail: 'The query has members that are wrong or unknown.',
        errors: details(checks.query.errors),
      });
    }
    if (checks.body !== undefined && !checks.body(request.body ?? {})) {
      throw new ProblemError({
        status: 422,
        code: 'body-invalid',
        detail: 'The body has members that are wrong or unknown.',
        errors: details(checks.body.errors),
      });
    }
  }

  #checksOf(spec: EndpointSpec): Checks {
    const known = this.#checks.get(spec);
    if (known !== undefined) {
      return known;
    }
    const query: JsonSchema = closed(spec.query ?? {});
    const checks: Checks = {
      query: queries.compile(query),
      ...(spec.body === undefined ? {} : { body: bodies.compile(spec.body) }),
    };
    this.#checks.set(spec, checks);
    return checks;
  }
}

const errorsMax = 20;

/** ajv's errors as JSON pointers; an unknown or missing member is named itself, not its parent. */
export function details(errors: readonly ErrorObject[] | null | undefined): ProblemDetail[] {
  return (errors ?? []).slice(0, errorsMax).map((error) => {
    const member: unknown = error.params['additionalProperty'] ?? error.params['missingProperty'];
    const pointer = typeof member === 'string' ? `${error.instancePath}/${escapePointer(member)}` : error.instancePath;
    if (error.keyword === 'additionalProperties') {
      return { pointer, detail: 'is not known here' };
    }
    const allowed: unknown = error.params['allowedValues'];
    return {
      pointer,
      detail: Array.isArray(allowed) ? `must be one of ${allowed.join(', ')}` : (error.message ?? 'is wrong'),
    };
  });
}

function escapePointer(member: string): string {
  return member.slice(0, 100).replaceAll('~', '~0').replaceAll('/', '~1');
}
