import { type AskContext, transactionOperations } from '@busbar/events';
import { Serves } from '@busbar/messaging/nest';
import { Controller, Inject } from '@nestjs/common';
import { Persons } from '../domain/persons.js';
import type { AnswerOf, RequestOf } from './operation-types.js';

/** Ends a transaction by hand. */
@Controller()
export class CloseHandler {
  constructor(@Inject(Persons) private readonly persons: Persons) {}

  @Serves(transactionOperations.close)
  async close(request: RequestOf<'close'>, context: AskContext): Promise<AnswerOf<'close'>> {
    return this.persons.close(request, context);
  }
}
