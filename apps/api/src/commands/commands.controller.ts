import { type CommandState, commandStates } from '@busbar/domain';
import {
  type AskContext,
  type CommandView,
  commandOperations,
  commandTypes,
  type Page,
  type PageRequest,
} from '@busbar/events';
import { Body, Controller, Headers, Inject, Param, Query, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { Asked } from '../http/asked.js';
import { Endpoint } from '../http/endpoint.js';
import { oneOf, pageOf, pageQuery, text } from '../http/json-schema.js';
import { preferredWait } from '../http/prefer.js';
import { Services } from '../http/services.js';
import { commandAnswer, createCallBody, createCommandBody } from './command-schemas.js';

const tag = 'Commands';
const station = { station: 'The OCPP identity, percent-encoded.' };
const params = { id: "The command's id." };
const waitHint = 'With `Prefer: wait=20` it waits that long for the end: 200 when ended, 202 when not.';

interface Waiting {
  deadlineSeconds?: number;
  whenOffline?: 'fail' | 'wait';
}

@Controller('v1')
export class CommandsController {
  constructor(@Inject(Services) private readonly services: Services) {}

  @Endpoint({
    method: 'post',
    path: 'stations/:station/commands',
    scope: 'operate',
    tag,
    summary: 'Ask a station to do something',
    description: waitHint,
    params: station,
    body: createCommandBody,
    status: 202,
    answer: commandAnswer,
    problems: { 404: 'No such station.', 409: 'Its registration forbids it.', 422: 'Wrong type or params.' },
  })
  async create(
    @Param('station') identity: string,
    @Body() body: { type: string; params?: Record<string, unknown> } & Waiting,
    @Headers('prefer') prefer: string | undefined,
    @Asked() context: AskContext,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<CommandView> {
    const wait = waitFor(prefer);
    const command = await this.services.ask(
      commandOperations.create,
      { identity, ...body, params: body.params ?? {}, ...wait.request },
      context,
      wait.options,
    );
    return answered(reply, command);
  }

  @Endpoint({
    method: 'post',
    path: 'stations/:station/calls',
    scope: 'operate',
    tag,
    summary: "Send any CALL that the station's version allows, checked against its schema",
    description: waitHint,
    params: station,
    body: createCallBody,
    status: 202,
    answer: commandAnswer,
    problems: { 404: 'No such station.', 409: 'Its registration forbids it.', 422: 'Wrong action or payload.' },
  })
  async call(
    @Param('station') identity: string,
    @Body() body: { action: string; payload: Record<string, unknown> } & Waiting,
    @Headers('prefer') prefer: string | undefined,
    @Asked() context: AskContext,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<CommandView> {
    const wait = waitFor(prefer);
    const command = await this.services.ask(
      commandOperations.call,
      { identity, ...body, ...wait.request },
      context,
      wait.options,
    );
    return answered(reply, command);
  }

  @Endpoint({
    method: 'get',
    path: 'commands',
    scope: 'read',
    tag,
    summary: 'List commands',
    query: {
      ...pageQuery,
      station: text(255),
      type: oneOf([...commandTypes, 'Call']),
      state: oneOf(commandStates),
    },
    status: 200,
    answer: pageOf(commandAnswer),
  })
  async list(
    @Query() query: PageRequest & { station?: string; type?: string; state?: CommandState },
    @Asked() context: AskContext,
  ): Promise<Page<CommandView>> {
    return this.services.ask(commandOperations.list, query, context);
  }

  @Endpoint({
    method: 'get',
    path: 'commands/:id',
    scope: 'read',
    tag,
    summary: 'Read a command',
    description: 'With `Prefer: wait=20` it waits that long for the end.',
    params,
    status: 200,
    answer: commandAnswer,
    problems: { 404: 'No such command.' },
  })
  async get(
    @Param('id') id: string,
    @Headers('prefer') prefer: string | undefined,
    @Asked() context: AskContext,
  ): Promise<CommandView> {
    const wait = waitFor(prefer);
    return this.services.ask(commandOperations.get, { id, ...wait.request }, context, wait.options);
  }

  @Endpoint({
    method: 'delete',
    path: 'commands/:id',
    scope: 'operate',
    tag,
    summary: 'Cancel a command that is still queued',
    params,
    status: 204,
    problems: { 404: 'No such command.', 409: 'It is not queued any more.' },
  })
  async cancel(@Param('id') id: string, @Asked() context: AskContext): Promise<void> {
    await this.services.ask(commandOperations.cancel, { id }, context);
  }
}

/** The service holds its answer back for as long as the caller wants to wait, so the request may take that much longer. */
function waitFor(prefer: string | undefined): { request: { waitSeconds?: number }; options: { timeoutMs: number } } {
  const seconds = preferredWait(prefer);
  return seconds === undefined
    ? { request: {}, options: { timeoutMs: 5_000 } }
    : { request: { waitSeconds: seconds }, options: { timeoutMs: seconds * 1000 + 5_000 } };
}

function answered(reply: FastifyReply, command: CommandView): CommandView {
  void reply.header('location', `/v1/commands/${command.id}`);
  void reply.code(command.state === 'ended' ? 200 : 202);
  return command;
}
