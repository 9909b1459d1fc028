import type { StationId, TenantId } from '@busbar/domain';
import { stationOperations } from '@busbar/events';
import type { Background } from '@busbar/service-host';
import type { Abstract, DynamicModule, Provider, Type } from '@nestjs/common';
import { Module } from '@nestjs/common';
import { Repeating } from './background/repeating.js';
import { Authorizer } from './domain/authorizer.js';
import { DecisionReads, TokenStore } from './domain/token-store.js';
import { handlers } from './handlers/index.js';
import type { AuthorizationParts } from './settings.js';
import { KnownPlaces } from './stations/known-places.js';
import { PostgresAuthorizationStore } from './store/authorization-store.js';
import { keepHouse } from './store/housekeeping.js';
import { PostgresDecisionReads } from './store/postgres-decision-reads.js';
import { PostgresTokenStore } from './store/postgres-token-store.js';

@Module({})
class AuthorizationModule {}

export interface AuthorizationService {
  module: DynamicModule;
  background: Background[];
}

/** Within the second that transactions gives a decision. */
const placesTimeoutMs = 400;
const houseMs = 60 * 60 * 1_000;

/** Builds everything that the service is made of; the only place that does. */
export function composeAuthorization(parts: AuthorizationParts): AuthorizationService {
  const { database, ids, clock, logger, bus, settings } = parts;
  const ask = async (tenant: TenantId, stations: StationId[]) => {
    const context = { tenant, caller: 'authorization', requestId: ids.next<'request'>() };
    const options = { timeoutMs: placesTimeoutMs };
    return (await bus.ask(stationOperations.references, { stations }, context, options)).items;
  };
  const places = new KnownPlaces(ask, clock, logger);
  const store = new PostgresAuthorizationStore(database, ids);
  const providers = [
    provide(Authorizer, new Authorizer(store, places, ids, clock)),
    provide(DecisionReads, new PostgresDecisionReads(database)),
    provide(KnownPlaces, places),
    provide(TokenStore, new PostgresTokenStore(database, ids)),
  ];
  const house = () => keepHouse(database, clock, settings.decisionDays);
  return {
    module: { module: AuthorizationModule, controllers: handlers, providers },
    background: [new Repeating('housekeeping', houseMs, house, logger)],
  };
}

function provide<T>(type: Type<T> | Abstract<T>, value: T): Provider {
  return { provide: type, useValue: value };
}
