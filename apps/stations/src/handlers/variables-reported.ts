import type { StationId } from '@busbar/domain';
import { type AskContext, stationOperations } from '@busbar/events';
import { Serves } from '@busbar/messaging/nest';
import { Controller, Inject } from '@nestjs/common';
import { StationDetails } from '../domain/station-store.js';

interface VariablesReported {
  station: StationId;
  at: string;
  variables: { key: string; value?: string; readonly?: boolean }[];
  unknownKeys: string[];
}

@Controller()
export class VariablesReportedHandler {
  constructor(@Inject(StationDetails) private readonly details: StationDetails) {}

  @Serves(stationOperations.variablesReported)
  async keep(
    { station, at, variables, unknownKeys }: VariablesReported,
    { tenant }: AskContext,
  ): Promise<Record<string, never>> {
    await this.details.keepVariables(tenant, station, { at: new Date(at), variables, unknownKeys });
    return {};
  }
}
