import { type AskContext, type Page, type PageRequest, type StationView, stationOperations } from '@busbar/events';
import { Serves } from '@busbar/messaging/nest';
import { Controller, Inject } from '@nestjs/common';
import { type StationFilter, StationReads } from '../domain/station-store.js';

@Controller()
export class ListStationsHandler {
  constructor(@Inject(StationReads) private readonly reads: StationReads) {}

  @Serves(stationOperations.list)
  async list(request: PageRequest & StationFilter, { tenant }: AskContext): Promise<Page<StationView>> {
    return this.reads.list(tenant, request);
  }
}
