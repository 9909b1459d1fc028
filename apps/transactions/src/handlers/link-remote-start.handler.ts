import { type AskContext, transactionOperations } from '@busbar/events';
import { Serves } from '@busbar/messaging/nest';
import { Controller, Inject } from '@nestjs/common';
import { Persons } from '../domain/persons.js';
import type { AnswerOf, RequestOf } from './operation-types.js';

/** Notes which command started a transaction. */
@Controller()
export class LinkRemoteStartHandler {
  constructor(@Inject(Persons) private readonly persons: Persons) {}

  @Serves(transactionOperations.linkRemoteStart)
  async linkRemoteStart(
    request: RequestOf<'linkRemoteStart'>,
    context: AskContext,
  ): Promise<AnswerOf<'linkRemoteStart'>> {
    await this.persons.linkRemoteStart(request, context);
    return {};
  }
}
