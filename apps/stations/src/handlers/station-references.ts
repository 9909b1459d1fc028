import type { StationId } from '@busbar/domain';
import { type AskContext, type StationReference, stationOperations } from '@busbar/events';
import { Serves } from '@busbar/messaging/nest';
import { Controller, Inject } from '@nestjs/common';
import { StationReads } from '../domain/station-store.js';

@Controller()
export class StationReferencesHandler {
  constructor(@Inject(StationReads) private readonly reads: StationReads) {}

  @Serves(stationOperations.references)
  async references(
    asked: { identities?: string[]; stations?: StationId[] },
    { tenant }: AskContext,
  ): Promise<{ items: StationReference[] }> {
    return { items: await this.reads.references(tenant, asked) };
  }
}
