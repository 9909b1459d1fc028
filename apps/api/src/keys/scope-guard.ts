import { ProblemError } from '@busbar/events';
import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyRequest } from 'fastify';
import { type EndpointSpec, endpointMetadata } from '../http/endpoint.js';

/** Deny by default: a handler without an endpoint's scope is refused, and so is a key that lacks the scope. */
@Injectable()
export class ScopeGuard implements CanActivate {
  constructor(private readonly reflector: Reflector) {}

  canActivate(context: ExecutionContext): boolean {
    const spec = this.reflector.get<EndpointSpec | undefined>(endpointMetadata, context.getHandler());
    const { caller } = context.switchToHttp().getRequest<FastifyRequest>();
    if (spec === undefined || caller === null) {
      throw new ProblemError({ status: 403, code: 'forbidden', detail: 'This is not open to anyone.' });
    }
    if (!caller.scopes.has(spec.scope)) {
      throw new ProblemError({
        status: 403,
        code: 'scope-missing',
        detail: `The API key lacks the scope "${spec.scope}".`,
      });
    }
    return true;
  }
}
