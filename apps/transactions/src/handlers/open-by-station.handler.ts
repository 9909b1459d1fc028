import { type AskContext, transactionOperations } from '@busbar/events';
import { Serves } from '@busbar/messaging/nest';
import { Controller, Inject } from '@nestjs/common';
import { Queries } from '../domain/queries.js';
import type { AnswerOf, RequestOf } from './operation-types.js';

/** Tells which transaction runs on each of a station's connectors. */
@Controller()
export class OpenByStationHandler {
  constructor(@Inject(Queries) private readonly queries: Queries) {}

  @Serves(transactionOperations.openByStation)
  async openByStation(request: RequestOf<'openByStation'>, context: AskContext): Promise<AnswerOf<'openByStation'>> {
    return this.queries.openByStation(request.station, context);
  }
}
