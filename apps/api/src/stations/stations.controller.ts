import { registrations } from '@busbar/domain';
import {
  type AskContext,
  type ConnectorView,
  type DeviationView,
  type Page,
  type PageRequest,
  type StationKeyRequest,
  type StationSettings,
  type StationView,
  stationOperations,
  type VariableView,
} from '@busbar/events';
import { Body, Controller, Inject, Param, Query, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { Asked } from '../http/asked.js';
import { Endpoint } from '../http/endpoint.js';
import { closed, instant, listOf, oneOf, pageOf, pageQuery, text } from '../http/json-schema.js';
import { Services } from '../http/services.js';
import {
  configurationAnswer,
  connectorAnswer,
  createdStationAnswer,
  createStationBody,
  deviationAnswer,
  patchStationBody,
  stationAnswer,
} from './station-schemas.js';

const station = { station: 'The OCPP identity, percent-encoded.' };
const tag = 'Stations';
type ListQuery = PageRequest & {
  connected?: boolean;
  site?: string;
  tag?: string;
  registration?: StationSettings['registration'];
  q?: string;
};

@Controller('v1')
export class StationsController {
  constructor(@Inject(Services) private readonly services: Services) {}

  @Endpoint({
    method: 'post',
    path: 'stations',
    scope: 'operate',
    tag,
    summary: 'Register a station; a generated key is shown this once',
    body: createStationBody,
    status: 201,
    answer: createdStationAnswer,
    problems: { 409: 'The identity is taken.' },
  })
  async create(
    @Body() body: { identity: string; key?: StationKeyRequest } & Partial<StationSettings>,
    @Asked() context: AskContext,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<StationView & { key: string | null }> {
    const made = await this.services.ask(stationOperations.create, body, context);
    void reply.header('location', `/v1/stations/${encodeURIComponent(made.station.identity)}`);
    return { ...made.station, key: made.key };
  }

  @Endpoint({
    method: 'get',
    path: 'stations',
    scope: 'read',
    tag,
    summary: 'List stations',
    query: {
      ...pageQuery,
      connected: { type: 'boolean' },
      site: text(100),
      tag: text(50),
      registration: oneOf(registrations),
      q: text(255, 'A prefix of the identity.'),
    },
    status: 200,
    answer: pageOf(stationAnswer),
  })
  async list(@Query() query: ListQuery, @Asked() context: AskContext): Promise<Page<StationView>> {
    return this.services.ask(stationOperations.list, query, context);
  }

  @Endpoint({
    method: 'get',
    path: 'stations/:station',
    scope: 'read',
    tag,
    summary: 'Read a station',
    params: station,
    status: 200,
    answer: stationAnswer,
    problems: { 404: 'No such station.' },
  })
  async get(@Param('station') identity: string, @Asked() context: AskContext): Promise<StationView> {
    return this.services.ask(stationOperations.get, { identity }, context);
  }

  @Endpoint({
    method: 'patch',
    path: 'stations/:station',
    scope: 'operate',
    tag,
    summary: 'Change a station; a new registration holds from its next boot',
    params: station,
    body: patchStationBody,
    status: 200,
    answer: stationAnswer,
    problems: { 404: 'No such station.' },
  })
  async update(
    @Param('station') identity: string,
    @Body() changes: Partial<StationSettings>,
    @Asked() context: AskContext,
  ): Promise<StationView> {
    return this.services.ask(stationOperations.update, { identity, changes }, context);
  }

  @Endpoint({
    method: 'delete',
    path: 'stations/:station',
    scope: 'operate',
    tag,
    summary: 'Remove a station: its socket is closed, its transactions stay',
    params: station,
    status: 204,
    problems: { 404: 'No such station.' },
  })
  async remove(@Param('station') identity: string, @Asked() context: AskContext): Promise<void> {
    await this.services.ask(stationOperations.delete, { identity }, context);
  }

  @Endpoint({
    method: 'get',
    path: 'stations/:station/connectors',
    scope: 'read',
    tag,
    summary: "Read the connectors' states; EVSE 0 is the station itself",
    params: station,
    status: 200,
    answer: closed({ items: listOf(connectorAnswer) }),
    problems: { 404: 'No such station.' },
  })
  async connectors(
    @Param('station') identity: string,
    @Asked() context: AskContext,
  ): Promise<{ items: ConnectorView[] }> {
    return this.services.ask(stationOperations.connectors, { identity }, context);
  }

  @Endpoint({
    method: 'get',
    path: 'stations/:station/configuration',
    scope: 'read',
    tag,
    summary: 'Read the configuration that the station last reported',
    params: station,
    status: 200,
    answer: configurationAnswer,
    problems: { 404: 'No such station.' },
  })
  async configuration(
    @Param('station') identity: string,
    @Asked() context: AskContext,
  ): Promise<{ variables: VariableView[]; unknownKeys: string[] }> {
    return this.services.ask(stationOperations.configuration, { identity }, context);
  }

  @Endpoint({
    method: 'put',
    path: 'stations/:station/watch',
    scope: 'operate',
    tag,
    summary: 'Record heartbeats and meter values too, for a while',
    params: station,
    body: closed({ seconds: { type: 'integer', minimum: 0, maximum: 3600 } }, ['seconds']),
    status: 200,
    answer: closed({ watchedUntil: instant }),
    problems: { 404: 'No such station.' },
  })
  async watch(
    @Param('station') identity: string,
    @Body() body: { seconds: number },
    @Asked() context: AskContext,
  ): Promise<{ watchedUntil: string }> {
    return this.services.ask(stationOperations.watch, { identity, seconds: body.seconds }, context);
  }

  @Endpoint({
    method: 'get',
    path: 'stations/:station/deviations',
    scope: 'read',
    tag,
    summary: 'What was tolerated of this station, by rule',
    params: station,
    status: 200,
    answer: closed({ items: listOf(deviationAnswer) }),
    problems: { 404: 'No such station.' },
  })
  async deviations(
    @Param('station') identity: string,
    @Asked() context: AskContext,
  ): Promise<{ items: DeviationView[] }> {
    return this.services.ask(stationOperations.deviations, { identity }, context);
  }
}
