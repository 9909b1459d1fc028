import { type AskContext, transactionOperations } from '@busbar/events';
import { Serves } from '@busbar/messaging/nest';
import { Controller, Inject } from '@nestjs/common';
import { Queries } from '../domain/queries.js';
import type { AnswerOf, RequestOf } from './operation-types.js';

/** Lists what a person should look at, newest first. */
@Controller()
export class CasesHandler {
  constructor(@Inject(Queries) private readonly queries: Queries) {}

  @Serves(transactionOperations.cases)
  async cases(request: RequestOf<'cases'>, context: AskContext): Promise<AnswerOf<'cases'>> {
    return this.queries.cases(request, context);
  }
}
