import {
  type AskContext,
  type CaseKind,
  type CaseView,
  caseKinds,
  type Page,
  type PageRequest,
  transactionOperations,
} from '@busbar/events';
import { Body, Controller, Inject, Param, Query } from '@nestjs/common';
import { Asked } from '../http/asked.js';
import { Endpoint } from '../http/endpoint.js';
import { oneOf, pageOf, pageQuery, text } from '../http/json-schema.js';
import { Services } from '../http/services.js';
import { caseAnswer, resolveBody } from './transaction-schemas.js';

const tag = 'Cases';
const params = { id: "The case's id." };

@Controller('v1')
export class CasesController {
  constructor(@Inject(Services) private readonly services: Services) {}

  @Endpoint({
    method: 'get',
    path: 'cases',
    scope: 'read',
    tag,
    summary: 'List what a person should look at',
    query: { ...pageQuery, kind: oneOf(caseKinds), station: text(255), state: oneOf(['open', 'resolved']) },
    status: 200,
    answer: pageOf(caseAnswer),
  })
  async list(
    @Query() query: PageRequest & { kind?: CaseKind; station?: string; state?: 'open' | 'resolved' },
    @Asked() context: AskContext,
  ): Promise<Page<CaseView>> {
    return this.services.ask(transactionOperations.cases, query, context);
  }

  @Endpoint({
    method: 'get',
    path: 'cases/:id',
    scope: 'read',
    tag,
    summary: 'Read a case with its evidence',
    params,
    status: 200,
    answer: caseAnswer,
    problems: { 404: 'No such case.' },
  })
  async get(@Param('id') id: string, @Asked() context: AskContext): Promise<CaseView> {
    return this.services.ask(transactionOperations.getCase, { id }, context);
  }

  @Endpoint({
    method: 'post',
    path: 'cases/:id/resolve',
    scope: 'operate',
    tag,
    summary: 'Resolve a case; an orphan stop may be given to a transaction',
    params,
    body: resolveBody,
    status: 200,
    answer: caseAnswer,
    problems: { 404: 'No such case.', 409: 'It is resolved already, or the stop does not fit.' },
  })
  async resolve(
    @Param('id') id: string,
    @Body() body: { resolvedBy: string; resolution: string; transaction?: string },
    @Asked() context: AskContext,
  ): Promise<CaseView> {
    return this.services.ask(transactionOperations.resolveCase, { id, ...body }, context);
  }
}
