import { type Directory, RedisDirectory } from '@busbar/directory';
import type { Background } from '@busbar/service-host';
import type { Abstract, DynamicModule, Provider, Type } from '@nestjs/common';
import { Module } from '@nestjs/common';
import { flushDeviations, flushRefusals } from './background/flushers.js';
import { Repeating } from './background/repeating.js';
import { Authentication } from './domain/authentication/authentication.js';
import { KeyVault } from './domain/authentication/key-vault.js';
import { Refusals } from './domain/authentication/refusals.js';
import { DeviationCounts } from './domain/reports/deviation-counts.js';
import { PoisonBudget } from './domain/reports/poison-budget.js';
import { VendorPolicy } from './domain/reports/vendor-policy.js';
import { RegistrationDesk } from './domain/settings/registration-desk.js';
import { ReportRecorder, StationDetails, StationReads, StationWrites } from './domain/station-store.js';
import { DeviationListener } from './gateways/deviation-listener.js';
import { LostGatewayWatch } from './gateways/lost-gateway-watch.js';
import { SessionPush } from './gateways/session-push.js';
import { handlers } from './handlers/index.js';
import { pepperOf, type StationsParts } from './settings.js';
import { PostgresAuthenticationStore } from './store/authentication-store.js';
import { addDeviations } from './store/deviation-store.js';
import { keepHouse } from './store/housekeeping.js';
import { PostgresReportRecorder } from './store/postgres-report-recorder.js';
import { PostgresStationDetails } from './store/postgres-station-details.js';
import { PostgresStationReads } from './store/postgres-station-reads.js';
import { PostgresStationWrites } from './store/postgres-station-writes.js';
import { PresenceStore } from './store/presence-store.js';
import { RefusalStore } from './store/refusal-store.js';

@Module({})
class StationsModule {}

export interface StationsService {
  module: DynamicModule;
  background: Background[];
}

const flushMs = 1_000;
const lookMs = 1_000;
const houseMs = 60 * 60 * 1_000;

/** Builds everything that the service is made of; the only place that does. */
export function composeStations(parts: StationsParts, directory: Directory = redisDirectory(parts)): StationsService {
  const { database, ids, clock, logger, bus, metrics, settings } = parts;
  const vault = new KeyVault(pepperOf(parts));
  const refusals = new Refusals();
  const deviations = new DeviationCounts();
  const presence = new PresenceStore(database, ids);
  const refusalStore = new RefusalStore(database, ids);
  const writes = new PostgresStationWrites(database, ids);
  const authenticationStore = new PostgresAuthenticationStore(database, ids, settings.unknownStationsMax);
  const recording = { ids, vendors: new VendorPolicy(settings.vendors) };
  const watch = new LostGatewayWatch(presence, directory, bus, clock, logger);
  metrics.gauge({
    name: 'busbar_stations_refusals_dropped',
    help: 'Refused attempts that were neither written nor told because too many were waiting.',
    read: () => refusals.dropped,
  });
  metrics.gauge({
    name: 'busbar_stations_deviations_dropped',
    help: 'Tolerated deviations that were not counted because too many were waiting.',
    read: () => deviations.dropped,
  });
  const providers = [
    provide(Authentication, new Authentication(authenticationStore, vault, settings.unknownStations, refusals, clock)),
    provide(DeviationCounts, deviations),
    provide(RegistrationDesk, new RegistrationDesk(writes, vault, clock)),
    provide(ReportRecorder, new PostgresReportRecorder(database, recording, new PoisonBudget(clock))),
    provide(SessionPush, new SessionPush(bus, directory, presence, logger)),
    provide(StationDetails, new PostgresStationDetails(database)),
    provide(StationReads, new PostgresStationReads(database)),
    provide(StationWrites, writes),
  ];
  const writeRefusals = () => flushRefusals(refusals, (rows) => refusalStore.write(rows));
  const writeDeviations = () => flushDeviations(deviations, (rows) => addDeviations(database, rows));
  const house = () => keepHouse(database, refusalStore, clock, settings.historyDays);
  return {
    module: { module: StationsModule, controllers: handlers, providers },
    background: [
      { name: 'directory', start: () => undefined, stop: () => directory.close() },
      new Repeating('refusals', flushMs, writeRefusals, logger, { lastTurn: true }),
      new Repeating('deviations', flushMs, writeDeviations, logger, { lastTurn: true }),
      new DeviationListener(bus, deviations),
      new Repeating('lost gateways', lookMs, () => watch.look(), logger),
      new Repeating('housekeeping', houseMs, house, logger),
    ],
  };
}

function redisDirectory({ settings, logger }: StationsParts): Directory {
  return new RedisDirectory({ url: settings.redisUrl, prefix: settings.prefix, logger });
}

function provide<T>(type: Type<T> | Abstract<T>, value: T): Provider {
  return { provide: type, useValue: value };
}
