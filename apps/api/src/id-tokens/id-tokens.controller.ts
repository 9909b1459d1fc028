import { type AuthorizationStatus, authorizationStatuses } from '@busbar/domain';
import {
  type AskContext,
  type AuthorizationView,
  authorizationOperations,
  type IdTokenSettings,
  type IdTokenView,
  type Page,
  type PageRequest,
  type UnknownTokenView,
} from '@busbar/events';
import { Body, Controller, Inject, Param, Query, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { Asked } from '../http/asked.js';
import { Endpoint } from '../http/endpoint.js';
import { oneOf, pageOf, pageQuery, text } from '../http/json-schema.js';
import { Services } from '../http/services.js';
import { authorizationAnswer, idTokenAnswer, idTokenBody, unknownTokenAnswer } from './id-token-schemas.js';

const tag = 'Authorization';
const params = { idToken: 'The token, percent-encoded; compared without regard to case.' };

@Controller('v1')
export class IdTokensController {
  constructor(@Inject(Services) private readonly services: Services) {}

  @Endpoint({
    method: 'get',
    path: 'id-tokens/unknown',
    scope: 'read',
    tag,
    summary: 'Tokens that stations showed and nobody knows',
    query: pageQuery,
    status: 200,
    answer: pageOf(unknownTokenAnswer),
  })
  async unknown(@Query() query: PageRequest, @Asked() context: AskContext): Promise<Page<UnknownTokenView>> {
    return this.services.ask(authorizationOperations.unknown, query, context);
  }

  @Endpoint({
    method: 'put',
    path: 'id-tokens/:idToken',
    scope: 'operate',
    tag,
    summary: 'Create or replace a token; 201 when it is new',
    params,
    body: idTokenBody,
    status: 200,
    answer: idTokenAnswer,
  })
  async put(
    @Param('idToken') idToken: string,
    @Body() settings: Partial<IdTokenSettings>,
    @Asked() context: AskContext,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<IdTokenView> {
    const { created, token } = await this.services.ask(
      authorizationOperations.put,
      { idToken, settings: settings ?? {} },
      context,
    );
    if (created) {
      void reply.code(201).header('location', `/v1/id-tokens/${encodeURIComponent(token.idToken)}`);
    }
    return token;
  }

  @Endpoint({
    method: 'get',
    path: 'id-tokens',
    scope: 'read',
    tag,
    summary: 'List tokens',
    query: {
      ...pageQuery,
      status: oneOf(authorizationStatuses),
      group: text(255),
      q: text(255, 'A prefix of the token.'),
    },
    status: 200,
    answer: pageOf(idTokenAnswer),
  })
  async list(
    @Query() query: PageRequest & { status?: AuthorizationStatus; group?: string; q?: string },
    @Asked() context: AskContext,
  ): Promise<Page<IdTokenView>> {
    return this.services.ask(authorizationOperations.list, query, context);
  }

  @Endpoint({
    method: 'get',
    path: 'id-tokens/:idToken',
    scope: 'read',
    tag,
    summary: 'Read a token',
    params,
    status: 200,
    answer: idTokenAnswer,
    problems: { 404: 'No such token.' },
  })
  async get(@Param('idToken') idToken: string, @Asked() context: AskContext): Promise<IdTokenView> {
    return this.services.ask(authorizationOperations.get, { idToken }, context);
  }

  @Endpoint({
    method: 'patch',
    path: 'id-tokens/:idToken',
    scope: 'operate',
    tag,
    summary: 'Change a token',
    params,
    body: idTokenBody,
    status: 200,
    answer: idTokenAnswer,
    problems: { 404: 'No such token.' },
  })
  async patch(
    @Param('idToken') idToken: string,
    @Body() changes: Partial<IdTokenSettings>,
    @Asked() context: AskContext,
  ): Promise<IdTokenView> {
    return this.services.ask(authorizationOperations.patch, { idToken, changes }, context);
  }

  @Endpoint({
    method: 'delete',
    path: 'id-tokens/:idToken',
    scope: 'operate',
    tag,
    summary: 'Remove a token; from then on it is unknown',
    params,
    status: 204,
    problems: { 404: 'No such token.' },
  })
  async remove(@Param('idToken') idToken: string, @Asked() context: AskContext): Promise<void> {
    await this.services.ask(authorizationOperations.delete, { idToken }, context);
  }

  @Endpoint({
    method: 'get',
    path: 'authorizations',
    scope: 'read',
    tag,
    summary: 'Every decision, with its reason',
    query: { ...pageQuery, idToken: text(255), station: text(255) },
    status: 200,
    answer: pageOf(authorizationAnswer),
  })
  async decisions(
    @Query() query: PageRequest & { idToken?: string; station?: string },
    @Asked() context: AskContext,
  ): Promise<Page<AuthorizationView>> {
    return this.services.ask(authorizationOperations.decisions, query, context);
  }
}
