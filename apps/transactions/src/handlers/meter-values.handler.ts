import { type AskContext, transactionOperations } from '@busbar/events';
import { Serves } from '@busbar/messaging/nest';
import { Controller, Inject } from '@nestjs/common';
import { Queries } from '../domain/queries.js';
import type { AnswerOf, RequestOf } from './operation-types.js';

/** Shows the meter values of a transaction. */
@Controller()
export class MeterValuesHandler {
  constructor(@Inject(Queries) private readonly queries: Queries) {}

  @Serves(transactionOperations.meterValues)
  async meterValues(request: RequestOf<'meterValues'>, context: AskContext): Promise<AnswerOf<'meterValues'>> {
    return this.queries.meterValues(request, context);
  }
}
