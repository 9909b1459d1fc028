import { type AskContext, type DeviationView, stationOperations } from '@busbar/events';
import { Serves } from '@busbar/messaging/nest';
import { Controller, Inject } from '@nestjs/common';
import { StationDetails, StationReads } from '../domain/station-store.js';

@Controller()
export class StationDeviationsHandler {
  constructor(
    @Inject(StationReads) private readonly reads: StationReads,
    @Inject(StationDetails) private readonly details: StationDetails,
  ) {}

  @Serves(stationOperations.deviations)
  async deviations({ identity }: { identity: string }, { tenant }: AskContext): Promise<{ items: DeviationView[] }> {
    const station = await this.reads.station(tenant, identity);
    return { items: await this.details.deviations(tenant, station.id) };
  }
}
