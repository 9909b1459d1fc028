import { type AskContext, transactionOperations } from '@busbar/events';
import { Serves } from '@busbar/messaging/nest';
import { Controller, Inject } from '@nestjs/common';
import { Queries } from '../domain/queries.js';
import type { AnswerOf, RequestOf } from './operation-types.js';

/** Shows one case. */
@Controller()
export class GetCaseHandler {
  constructor(@Inject(Queries) private readonly queries: Queries) {}

  @Serves(transactionOperations.getCase)
  async getCase(request: RequestOf<'getCase'>, context: AskContext): Promise<AnswerOf<'getCase'>> {
    return this.queries.getCase(request.id, context);
  }
}
