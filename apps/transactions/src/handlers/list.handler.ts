import { type AskContext, transactionOperations } from '@busbar/events';
import { Serves } from '@busbar/messaging/nest';
import { Controller, Inject } from '@nestjs/common';
import { Queries } from '../domain/queries.js';
import type { AnswerOf, RequestOf } from './operation-types.js';

/** Lists transactions, newest first. */
@Controller()
export class ListHandler {
  constructor(@Inject(Queries) private readonly queries: Queries) {}

  @Serves(transactionOperations.list)
  async list(request: RequestOf<'list'>, context: AskContext): Promise<AnswerOf<'list'>> {
    return this.queries.list(request, context);
  }
}
