import { type AskContext, transactionOperations } from '@busbar/events';
import { Serves } from '@busbar/messaging/nest';
import { Controller, Inject } from '@nestjs/common';
import { Persons } from '../domain/persons.js';
import type { AnswerOf, RequestOf } from './operation-types.js';

/** Ends a case by hand. */
@Controller()
export class ResolveCaseHandler {
  constructor(@Inject(Persons) private readonly persons: Persons) {}

  @Serves(transactionOperations.resolveCase)
  async resolveCase(request: RequestOf<'resolveCase'>, context: AskContext): Promise<AnswerOf<'resolveCase'>> {
    return this.persons.resolveCase(request, context);
  }
}
