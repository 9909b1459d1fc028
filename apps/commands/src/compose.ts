import { type Directory, RedisDirectory } from '@busbar/directory';
import { deleteExpiredKeys } from '@busbar/persistence';
import type { Background } from '@busbar/service-host';
import { type DynamicModule, Module, type Provider, type Type } from '@nestjs/common';
import { CommandChanges } from './dispatch/command-changes.js';
import { CommandDesk } from './dispatch/command-desk.js';
import { Dispatcher } from './dispatch/dispatcher.js';
import { Effects } from './dispatch/effects.js';
import { FactReaders } from './dispatch/fact-readers.js';
import { Losses } from './dispatch/losses.js';
import { LostGateways } from './dispatch/lost-gateways.js';
import { Owners } from './dispatch/owners.js';
import { Periodic } from './dispatch/periodic.js';
import { ReportIntake } from './dispatch/report-intake.js';
import { StationQueues } from './dispatch/station-queues.js';
import { Sweep } from './dispatch/sweep.js';
import { UnsentCalls } from './dispatch/unsent-calls.js';
import { VariableReporter } from './dispatch/variable-reporter.js';
import { Waiters } from './dispatch/waiters.js';
import { type Command, callInFlight } from './domain/command.js';
import { type Lowering, NewCommands, type Routes } from './domain/new-commands.js';
import { handlers } from './handlers/index.js';
import { OtherServices } from './knowledge/other-services.js';
import { learnedVariables } from './protocol/learned-variables.js';
import { lower, lowerRaw, shownParams, startsOrStops, versionOf } from './protocol/protocol.js';
import type { CommandsParts } from './settings.js';
import { PostgresCommandStore, schema } from './store/postgres-command-store.js';
import { PostgresQueueStore } from './store/postgres-queue-store.js';
import { PostgresVariableReportStore } from './store/postgres-variable-report-store.js';

@Module({})
class CommandsModule {}

export interface CommandsService {
  module: DynamicModule;
  background: Background[];
}

const lowering: Lowering = { versionOf, lower, lowerRaw, shownParams, startsOrStops };
const sweepMs = 500;
const lookMs = 1_000;
const houseMs = 60_000;
const purgeMax = 5_000;
const dayMs = 24 * 3_600_000;

/** Builds everything that the service is made of; the only place that does. */
export function composeCommands(parts: CommandsParts, directory: Directory = redisDirectory(parts)): CommandsService {
  const { database, ids, clock, logger, bus, settings } = parts;
  const store = new PostgresCommandStore(database, ids, settings.queueMax);
  const queue = new PostgresQueueStore(database);
  const services = new OtherServices(bus, ids);
  const owners = new Owners(directory, bus, logger, () => clock.monotonicMs());
  const changes = new CommandChanges(store, learnedVariables, clock, ids);
  const unsent = new UnsentCalls(changes, clock, logger);
  const dispatcher = new Dispatcher(bus, changes, owners, unsent, clock, logger, settings.inFlightMax);
  const stillAllowed = (command: Command) => services.stillAllowed(command);
  const queues = new StationQueues(store, changes, dispatcher, owners, stillAllowed, unsent, clock, ids, logger);
  const waiters = new Waiters(bus, store, logger, settings.waitersMax);
  const losses = new Losses(changes, clock, ids);
  const routes: Routes = {
    get full() {
      return dispatcher.full;
    },
    find: (station, options) => owners.find(station, options),
  };
  const newCommands = new NewCommands(store, services, lowering, routes, unsent, clock, ids);
  const desk = new CommandDesk(newCommands, store, changes, dispatcher, queues, waiters);
  const intake = new ReportIntake(store, queue, changes, losses, queues, clock, logger);
  const effects = new Effects(store, changes, bus, ids, logger);
  const sweep = new Sweep(queue, changes, losses, queues, clock);
  const lostGateways = new LostGateways(queue, directory, bus, losses, logger);
  const reporter = new VariableReporter(new PostgresVariableReportStore(database), bus, clock, ids, logger);

  observe(parts, dispatcher, waiters, changes);
  changes.onChange((before, after) => {
    if (after.outcome !== before.outcome) waiters.ended(after);
    if (callInFlight(before) !== undefined && callInFlight(after) === undefined) queues.wake(after.station);
  });
  const house = async () => {
    await queue.purge(new Date(clock.now().getTime() - settings.retentionDays * dayMs), purgeMax);
    await deleteExpiredKeys(database, { schema });
  };
  return {
    module: {
      module: CommandsModule,
      controllers: handlers,
      providers: [provide(CommandDesk, desk), provide(ReportIntake, intake)],
    },
    background: [
      { name: 'directory', start: () => undefined, stop: () => directory.close() },
      { name: 'waiters', start: () => waiters.start(), stop: () => waiters.stop() },
      { name: 'station queues', start: () => undefined, stop: () => queues.stop() },
      new FactReaders(bus, effects, logger),
      new Periodic('sweep', sweepMs, () => sweep.run(), logger),
      new Periodic('unsent calls', lookMs, () => unsent.run(), logger),
      new Periodic('lost gateways', lookMs, () => lostGateways.run(), logger),
      new Periodic('variable reports', sweepMs, () => reporter.run(), logger),
      new Periodic('housekeeping', houseMs, house, logger),
    ],
  };
}

function observe({ metrics }: CommandsParts, dispatcher: Dispatcher, waiters: Waiters, changes: CommandChanges): void {
  const ended = metrics.counter({
    name: 'busbar_commands_ended_total',
    help: 'Commands that ended, and outcomes that replaced unknown',
    labels: ['outcome'],
  });
  changes.onChange((before, after) => {
    if (after.outcome !== null && after.outcome !== before.outcome) ended.inc({ outcome: after.outcome });
  });
  metrics.gauge({
    name: 'busbar_commands_in_flight',
    help: 'CALLs that this replica has sent and waits for',
    read: () => dispatcher.running,
  });
  metrics.gauge({
    name: 'busbar_command_waiters',
    help: 'Callers that wait here for the end of a command',
    read: () => waiters.count,
  });
}

function redisDirectory({ settings, logger }: CommandsParts): Directory {
  return new RedisDirectory({ url: settings.redisUrl, prefix: settings.prefix, logger });
}

function provide<T>(type: Type<T>, value: T): Provider {
  return { provide: type, useValue: value };
}
