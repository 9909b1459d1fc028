import {
  type AskContext,
  authorizationOperations,
  type Page,
  type PageRequest,
  type UnknownTokenView,
} from '@busbar/events';
import { Serves } from '@busbar/messaging/nest';
import { Controller, Inject } from '@nestjs/common';
import { DecisionReads } from '../domain/token-store.js';
import { KnownPlaces } from '../stations/known-places.js';

@Controller()
export class UnknownTokensHandler {
  constructor(
    @Inject(DecisionReads) private readonly reads: DecisionReads,
    @Inject(KnownPlaces) private readonly places: KnownPlaces,
  ) {}

  @Serves(authorizationOperations.unknown)
  async unknown(request: PageRequest, { tenant }: AskContext): Promise<Page<UnknownTokenView>> {
    const { items, nextCursor } = await this.reads.unknown(tenant, request);
    const places = await this.places.find(items.map(({ stationId }) => ({ tenant, station: stationId })));
    return {
      items: items.map(({ stationId, ...view }) => ({ ...view, lastStation: places.get(stationId)?.identity ?? null })),
      nextCursor,
    };
  }
}
