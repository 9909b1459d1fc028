import {
  type AskContext,
  type MeterValueView,
  type Page,
  type PageRequest,
  type TransactionFlag,
  type TransactionView,
  transactionFlags,
  transactionOperations,
} from '@busbar/events';
import { Body, Controller, Inject, Param, Query } from '@nestjs/common';
import { Asked } from '../http/asked.js';
import { Endpoint } from '../http/endpoint.js';
import { instant, oneOf, pageOf, pageQuery, text } from '../http/json-schema.js';
import { Services } from '../http/services.js';
import { closeBody, meterValueAnswer, transactionAnswer } from './transaction-schemas.js';

const tag = 'Transactions';
const params = { id: "The transaction's id, not the one on the wire." };
type ListQuery = PageRequest & {
  station?: string;
  idToken?: string;
  state?: 'active' | 'ended';
  from?: string;
  to?: string;
  flag?: TransactionFlag;
};

@Controller('v1')
export class TransactionsController {
  constructor(@Inject(Services) private readonly services: Services) {}

  @Endpoint({
    method: 'get',
    path: 'transactions',
    scope: 'read',
    tag,
    summary: 'List transactions',
    query: {
      ...pageQuery,
      station: text(255),
      idToken: text(255),
      state: oneOf(['active', 'ended']),
      from: instant,
      to: instant,
      flag: oneOf(transactionFlags),
    },
    status: 200,
    answer: pageOf(transactionAnswer),
  })
  async list(@Query() query: ListQuery, @Asked() context: AskContext): Promise<Page<TransactionView>> {
    return this.services.ask(transactionOperations.list, query, context);
  }

  @Endpoint({
    method: 'get',
    path: 'transactions/:id',
    scope: 'read',
    tag,
    summary: 'Read a transaction',
    params,
    status: 200,
    answer: transactionAnswer,
    problems: { 404: 'No such transaction.' },
  })
  async get(@Param('id') id: string, @Asked() context: AskContext): Promise<TransactionView> {
    return this.services.ask(transactionOperations.get, { id }, context);
  }

  @Endpoint({
    method: 'get',
    path: 'transactions/:id/meter-values',
    scope: 'read',
    tag,
    summary: 'Read its meter values, in time order, each once',
    params,
    query: { cursor: text(512, 'The `nextCursor` of the page before; pages are as long as fits.') },
    status: 200,
    answer: pageOf(meterValueAnswer),
    problems: { 404: 'No such transaction.' },
  })
  async meterValues(
    @Param('id') id: string,
    @Query() query: { cursor?: string },
    @Asked() context: AskContext,
  ): Promise<Page<MeterValueView>> {
    const page = await this.services.ask(transactionOperations.meterValues, { id, ...query }, context);
    return { items: page.items, nextCursor: page.nextCursor ?? null };
  }

  @Endpoint({
    method: 'post',
    path: 'transactions/:id/close',
    scope: 'operate',
    tag,
    summary: 'Close a transaction by hand; a real stop that comes later replaces it',
    params,
    body: closeBody,
    status: 200,
    answer: transactionAnswer,
    problems: { 404: 'No such transaction.', 409: 'It has ended already.' },
  })
  async close(
    @Param('id') id: string,
    @Body() body: { reason: string; closedBy: string; meterStopWh?: number },
    @Asked() context: AskContext,
  ): Promise<TransactionView> {
    return this.services.ask(transactionOperations.close, { id, ...body }, context);
  }
}
