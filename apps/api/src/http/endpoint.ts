import type { Scope } from '@busbar/events';
import { applyDecorators, Delete, Get, HttpCode, Patch, Post, Put, SetMetadata } from '@nestjs/common';
import { ApiBody, ApiHeader, ApiOperation, ApiParam, ApiQuery, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { JsonSchema } from './json-schema.js';
import { problemSchema } from './problem-schema.js';

/** Everything about one endpoint, written once: its route, guard, checks and place in the OpenAPI document. */
export interface EndpointSpec {
  method: 'get' | 'post' | 'put' | 'patch' | 'delete';
  /** Below `/v1`. */
  path: string;
  scope: Scope;
  tag: string;
  summary: string;
  description?: string;
  params?: Record<string, string>;
  query?: Record<string, JsonSchema>;
  body?: JsonSchema;
  /** Status of the usual answer. */
  status: 200 | 201 | 202 | 204;
  answer?: JsonSchema;
  /** `text/event-stream` when the answer is one. */
  stream?: boolean;
  /** Problems worth naming beside the common ones, by status. */
  problems?: Partial<Record<400 | 404 | 409 | 422, string>>;
}

export const endpointMetadata = 'busbar:endpoint';

const methods = { get: Get, post: Post, put: Put, patch: Patch, delete: Delete };

/** Makes a controller's method an endpoint. A method without it is refused by the guard: deny by default. */
export function Endpoint(spec: EndpointSpec): MethodDecorator {
  const route = methods[spec.method];
  return applyDecorators(
    SetMetadata(endpointMetadata, spec),
    route(spec.path),
    HttpCode(spec.status),
    ApiTags(spec.tag),
    ApiOperation({
      summary: spec.summary,
      description: [spec.description, `Scope: \`${spec.scope}\`.`].filter(Boolean).join('\n\n'),
    }),
    ...Object.entries(spec.params ?? {}).map(([name, description]) =>
      ApiParam({ name, description, schema: { type: 'string' } }),
    ),
    ...Object.entries(spec.query ?? {}).map(([name, schema]) => ApiQuery({ name, required: false, schema })),
    ...(spec.body === undefined ? [] : [ApiBody({ schema: spec.body })]),
    ...(spec.method === 'post'
      ? [
          ApiHeader({
            name: 'Idempotency-Key',
            required: false,
            description: 'The same key and body give the first answer again, for 24 h.',
            schema: { type: 'string', maxLength: 255 },
          }),
        ]
      : []),
    usualAnswer(spec),
    ...Object.entries(spec.problems ?? {}).map(([status, description]) =>
      ApiResponse({
        status: Number(status),
        description,
        content: { 'application/problem+json': { schema: problemSchema } },
      }),
    ),
  );
}

function usualAnswer(spec: EndpointSpec): MethodDecorator {
  const description = spec.summary;
  if (spec.stream === true) {
    return ApiResponse({
      status: spec.status,
      description,
      content: { 'text/event-stream': { schema: { type: 'string' } } },
    });
  }
  return ApiResponse({
    status: spec.status,
    description,
    ...(spec.answer === undefined ? {} : { schema: spec.answer }),
  });
}
