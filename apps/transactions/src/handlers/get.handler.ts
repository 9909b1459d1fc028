import { type AskContext, transactionOperations } from '@busbar/events';
import { Serves } from '@busbar/messaging/nest';
import { Controller, Inject } from '@nestjs/common';
import { Queries } from '../domain/queries.js';
import type { AnswerOf, RequestOf } from './operation-types.js';

/** Shows one transaction. */
@Controller()
export class GetHandler {
  constructor(@Inject(Queries) private readonly queries: Queries) {}

  @Serves(transactionOperations.get)
  async get(request: RequestOf<'get'>, context: AskContext): Promise<AnswerOf<'get'>> {
    return this.queries.get(request.id, context);
  }
}
