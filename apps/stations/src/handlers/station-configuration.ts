import { type AskContext, stationOperations, type VariableView } from '@busbar/events';
import { Serves } from '@busbar/messaging/nest';
import { Controller, Inject } from '@nestjs/common';
import { StationDetails, StationReads } from '../domain/station-store.js';

@Controller()
export class StationConfigurationHandler {
  constructor(
    @Inject(StationReads) private readonly reads: StationReads,
    @Inject(StationDetails) private readonly details: StationDetails,
  ) {}

  @Serves(stationOperations.configuration)
  async configuration(
    { identity }: { identity: string },
    { tenant }: AskContext,
  ): Promise<{ variables: VariableView[]; unknownKeys: string[] }> {
    const station = await this.reads.station(tenant, identity);
    return this.details.configuration(tenant, station.id);
  }
}
