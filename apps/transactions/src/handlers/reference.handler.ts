import { type AskContext, transactionOperations } from '@busbar/events';
import { Serves } from '@busbar/messaging/nest';
import { Controller, Inject } from '@nestjs/common';
import { Queries } from '../domain/queries.js';
import type { AnswerOf, RequestOf } from './operation-types.js';

/** Tells commands what the station calls a transaction. */
@Controller()
export class ReferenceHandler {
  constructor(@Inject(Queries) private readonly queries: Queries) {}

  @Serves(transactionOperations.reference)
  async reference(request: RequestOf<'reference'>, context: AskContext): Promise<AnswerOf<'reference'>> {
    return this.queries.reference(request.id, context);
  }
}
