import type { StationId, TenantId } from '@busbar/domain';
import {
  type AskContext,
  type AuthorizationView,
  authorizationOperations,
  type Page,
  type PageRequest,
  ProblemError,
  stationOperations,
} from '@busbar/events';
import { type Bus, BusError, busProblem } from '@busbar/messaging';
import { Serves } from '@busbar/messaging/nest';
import { tokens } from '@busbar/service-host';
import { Controller, Inject } from '@nestjs/common';
import { DecisionReads } from '../domain/token-store.js';
import { KnownPlaces } from '../stations/known-places.js';

const referencesTimeoutMs = 1_000;

@Controller()
export class ListDecisionsHandler {
  constructor(
    @Inject(DecisionReads) private readonly reads: DecisionReads,
    @Inject(KnownPlaces) private readonly places: KnownPlaces,
    @Inject(tokens.bus) private readonly bus: Bus,
  ) {}

  @Serves(authorizationOperations.decisions)
  async decisions(
    request: PageRequest & { idToken?: string; station?: string },
    context: AskContext,
  ): Promise<Page<AuthorizationView>> {
    const { station: identity, ...rest } = request;
    const station = identity === undefined ? undefined : await this.#stationOf(identity, context);
    // Nothing can have been decided at a station that nobody knows.
    if (station === null) return { items: [], nextCursor: null };
    const asked = { ...rest, ...(station === undefined ? {} : { station }) };
    const { items, nextCursor } = await this.reads.decisions(context.tenant, asked);
    const places = await this.#places(context.tenant, items);
    return {
      items: items.map(({ stationId, ...view }) => ({ ...view, station: places.get(stationId)?.identity ?? null })),
      nextCursor,
    };
  }

  #places(tenant: TenantId, items: readonly { stationId: StationId }[]) {
    return this.places.find(items.map(({ stationId }) => ({ tenant, station: stationId })));
  }

  async #stationOf(identity: string, context: AskContext): Promise<StationId | null> {
    const options = { timeoutMs: referencesTimeoutMs };
    try {
      const request = { identities: [identity] };
      const { items } = await this.bus.ask(stationOperations.references, request, context, options);
      return items[0]?.station ?? null;
    } catch (error) {
      throw error instanceof BusError ? new ProblemError(busProblem(error)) : error;
    }
  }
}
