import type { AskContext, Page, PageRequest, Scope } from '@busbar/events';
import { Body, Controller, Inject, Param, Query, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { Asked } from '../http/asked.js';
import { Endpoint } from '../http/endpoint.js';
import {
  closed,
  instant,
  type JsonSchema,
  listOf,
  oneOf,
  orNull,
  pageOf,
  pageQuery,
  text,
} from '../http/json-schema.js';
import { scopes } from './api-key.js';
import { type ApiKeyView, KeyStore } from './key-store.js';

const members: Record<string, JsonSchema> = {
  id: text(60),
  name: text(100),
  scopes: listOf(oneOf(scopes)),
  createdAt: instant,
  createdBy: text(60),
  revokedAt: orNull(instant),
};

@Controller('v1')
export class ApiKeysController {
  constructor(@Inject(KeyStore) private readonly keys: KeyStore) {}

  @Endpoint({
    method: 'post',
    path: 'api-keys',
    scope: 'admin',
    tag: 'API keys',
    summary: 'Make an API key; the key is shown this once',
    body: closed({ name: text(100), scopes: { ...listOf(oneOf(scopes)), minItems: 1, uniqueItems: true } }, [
      'name',
      'scopes',
    ]),
    status: 201,
    answer: closed({ ...members, key: text(200) }),
  })
  async create(
    @Body() body: { name: string; scopes: Scope[] },
    @Asked() context: AskContext,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ApiKeyView & { key: string }> {
    const made = await this.keys.create(body.name, body.scopes, context);
    void reply.header('location', `/v1/api-keys/${made.id}`);
    return made;
  }

  @Endpoint({
    method: 'get',
    path: 'api-keys',
    scope: 'admin',
    tag: 'API keys',
    summary: 'List API keys, never the keys themselves',
    query: pageQuery,
    status: 200,
    answer: pageOf(closed(members)),
  })
  async list(@Query() page: PageRequest, @Asked() context: AskContext): Promise<Page<ApiKeyView>> {
    return this.keys.list(context.tenant, page);
  }

  @Endpoint({
    method: 'delete',
    path: 'api-keys/:id',
    scope: 'admin',
    tag: 'API keys',
    summary: 'Revoke an API key',
    params: { id: 'The id, not the key.' },
    status: 204,
    problems: { 404: 'No such key.' },
  })
  async revoke(@Param('id') id: string, @Asked() context: AskContext): Promise<void> {
    await this.keys.revoke(id, context.tenant);
  }
}
