import { type AskContext, type StationView, stationOperations } from '@busbar/events';
import { Serves } from '@busbar/messaging/nest';
import { Controller, Inject } from '@nestjs/common';
import { StationReads } from '../domain/station-store.js';

@Controller()
export class GetStationHandler {
  constructor(@Inject(StationReads) private readonly reads: StationReads) {}

  @Serves(stationOperations.get)
  async get({ identity }: { identity: string }, { tenant }: AskContext): Promise<StationView> {
    return this.reads.get(tenant, identity);
  }
}
