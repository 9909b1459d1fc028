import 'reflect-metadata';
import { type Directory, RedisDirectory } from '@busbar/directory';
import { defaultTenant, systemClock, TimeOrderedIds } from '@busbar/domain';
import {
  type AskContext,
  type CommandView,
  commandOperations,
  type Fact,
  type FactType,
  type Operation,
  type StationReference,
} from '@busbar/events';
import { type Bus, connectBus, ensureStreams } from '@busbar/messaging';
import { BusStrategy } from '@busbar/messaging/nest';
import { Metrics } from '@busbar/observability';
import { type Database, openDatabase, type Sql, sql } from '@busbar/persistence';
import { type Background, partsModule, readServiceSettings } from '@busbar/service-host';
import {
  deleteStreams,
  sharedStores,
  type TestDatabase,
  testDatabase,
  testLogger,
  testPrefix,
  waitUntil,
} from '@busbar/testing';
import type { INestMicroservice } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { MicroserviceOptions } from '@nestjs/microservices';
import { composeCommands } from '../src/compose.js';
import { commandsSettings } from '../src/settings.js';
import { FakeGateway } from './fake-gateway.js';
import { FakeServices } from './fake-services.js';
import { FaultyDatabase } from './faulty-database.js';

const commandsSchema = { schema: 'commands', directory: new URL('../migrations/', import.meta.url) };

const ids = new TimeOrderedIds();

/** Where no Redis listens. */
export const noRedis = 'redis://127.0.0.1:1';

interface Replica {
  app: INestMicroservice;
  bus: Bus;
  database: Database;
  background: Background[];
}

export interface FixtureOptions {
  replicas?: number;
  env?: Record<string, string>;
  /** The Redis of the service; the gateways always have the shared one. */
  redisUrl?: string;
  leaseMs?: number;
}

type Body = Record<string, unknown>;

/** The service as it runs, in this process, on a database and a prefix of its own, with doubles around it. */
export class CommandsFixture {
  readonly #replicas: Replica[] = [];
  readonly #gateways: FakeGateway[] = [];
  readonly #buses: Bus[] = [];
  readonly log = testLogger();
  /** The database as the newest replica sees it. */
  faults: FaultyDatabase | undefined;

  private constructor(
    readonly prefix: string,
    readonly stored: TestDatabase,
    /** The test's own connections, none of which the service uses. */
    readonly bus: Bus,
    readonly database: Database,
    readonly directory: Directory,
    readonly services: FakeServices,
    private readonly options: FixtureOptions,
  ) {}

  static async start(options: FixtureOptions = {}): Promise<CommandsFixture> {
    const prefix = testPrefix();
    const { logger } = testLogger();
    const stored = await testDatabase({ schemas: [commandsSchema] });
    const bus = await connectBus({ url: sharedStores.natsUrl(), name: prefix, prefix, logger });
    const database = openDatabase({ url: stored.url, applicationName: prefix, poolMax: 4, logger });
    const { leaseMs } = options;
    const url = sharedStores.redisUrl();
    const directory = new RedisDirectory({ url, prefix, logger, ...(leaseMs === undefined ? {} : { leaseMs }) });
    const smallest = 1024 ** 2;
    await ensureStreams(bus, {
      factsBytesMax: smallest,
      readingsBytesMax: smallest,
      framesBytesMax: smallest,
      replicas: 1,
    });
    const services = new FakeServices(bus);
    await services.start();
    const fixture = new CommandsFixture(prefix, stored, bus, database, directory, services, options);
    await waitUntil('the directory answers', () => directory.livingGateways([]).then(() => true));
    for (let count = options.replicas ?? 1; count > 0; count -= 1) await fixture.addReplica();
    return fixture;
  }

  async addReplica(): Promise<void> {
    const { logger } = this.log;
    const { prefix } = this;
    const redisUrl = this.options.redisUrl ?? sharedStores.redisUrl();
    const { settings } = readServiceSettings(commandsSettings, {
      BUSBAR_ENVIRONMENT: 'development',
      BUSBAR_POSTGRES_URL: this.stored.url,
      BUSBAR_NATS_URL: sharedStores.natsUrl(),
      BUSBAR_REDIS_URL: redisUrl,
      BUSBAR_PREFIX: prefix,
      ...this.options.env,
    });
    const bus = await connectBus({ url: settings.natsUrl, name: 'commands', prefix, logger });
    const database = new FaultyDatabase(
      openDatabase({ url: settings.postgresUrl, applicationName: 'commands', poolMax: 10, logger }),
    );
    this.faults = database;
    const metrics = new Metrics({ processMetrics: false });
    const parts = { name: 'commands', settings, logger, metrics, database, bus, clock: systemClock, ids, checks: {} };
    const service = composeCommands(parts, new RedisDirectory({ url: redisUrl, prefix, logger }));
    const app = await NestFactory.createMicroservice<MicroserviceOptions>(
      { ...service.module, imports: [partsModule(parts)] },
      { strategy: new BusStrategy(bus, 'commands', logger), logger: false },
    );
    await app.listen();
    for (const work of service.background) await work.start();
    this.#replicas.push({ app, bus, database, background: [...service.background] });
  }

  /** As a process that is killed: nothing is finished, nothing is said. */
  async killReplica(): Promise<void> {
    const replica = this.#replicas.shift();
    if (replica === undefined) throw new Error('no replica is left');
    await replica.bus.connection.close();
    await this.#stop(replica);
  }

  /** The first replica loses its connection to NATS, and has it back at once. */
  async dropBus(): Promise<void> {
    await this.#replicas[0]?.bus.connection.reconnect();
  }

  /** As by SIGTERM. */
  async stopReplica(): Promise<void> {
    const replica = this.#replicas.shift();
    if (replica === undefined) throw new Error('no replica is left');
    await this.#stop(replica);
  }

  async gateway(): Promise<FakeGateway> {
    const bus = await connectBus({
      url: sharedStores.natsUrl(),
      name: 'gateway',
      prefix: this.prefix,
      logger: testLogger().logger,
    });
    this.#buses.push(bus);
    const gateway = new FakeGateway(bus, this.directory);
    await gateway.start();
    this.#gateways.push(gateway);
    return gateway;
  }

  /** A station that is connected to a gateway and ready. */
  async connected(more: Partial<StationReference> = {}): Promise<{ gateway: FakeGateway; station: StationReference }> {
    const station = this.services.add(more);
    const gateway = await this.gateway();
    await gateway.connect(station.station);
    return { gateway, station };
  }

  context(more: Partial<AskContext> = {}): AskContext {
    return { tenant: defaultTenant, caller: 'test', requestId: 'r1', ...more };
  }

  ask<Q, A>(operation: Operation<Q, A>, request: Q, more: Partial<AskContext> = {}): Promise<A> {
    return this.bus.ask(operation, request, this.context(more), { timeoutMs: 70_000 });
  }

  /** A reset, unless said otherwise. */
  create(station: StationReference, more: Body = {}, context: Partial<AskContext> = {}): Promise<CommandView> {
    const request = { identity: station.identity, type: 'Reset', params: { mode: 'Immediate' }, ...more };
    return this.ask(commandOperations.create, request, context);
  }

  get(id: string): Promise<CommandView> {
    return this.ask(commandOperations.get, { id });
  }

  /** The command once it has ended. */
  ended(id: string, timeoutMs = 10_000): Promise<CommandView> {
    return waitUntil(
      `command ${id} has ended`,
      async () => {
        const command = await this.get(id);
        return command.state === 'ended' && command;
      },
      { timeoutMs },
    );
  }

  until(id: string, reason: string, condition: (command: CommandView) => boolean, timeoutMs = 10_000) {
    return waitUntil(
      reason,
      async () => {
        const command = await this.get(id);
        return condition(command) && command;
      },
      { timeoutMs },
    );
  }

  /** Another service's fact, as its relay publishes it. */
  publishFact(
    type: FactType,
    station: StationReference,
    data: Record<string, unknown>,
    more: Partial<Fact> = {},
  ): Fact {
    const fact: Fact = {
      id: ids.next<'fact'>(),
      type,
      tenant: defaultTenant,
      station: station.station,
      stationIdentity: station.identity,
      at: new Date().toISOString(),
      data,
      ...more,
    };
    this.bus.publish(this.bus.subjects.fact(fact.tenant, fact.station, type), fact);
    return fact;
  }

  rows<R>(statement: Sql): Promise<R[]> {
    return this.database.query<R>(statement);
  }

  /** The facts that wait to be relayed, oldest first. */
  async facts(): Promise<Fact[]> {
    const rows = await this.rows<{ fact: Fact }>(sql`select fact from commands.outbox order by position`);
    return rows.map(({ fact }) => fact);
  }

  async close(): Promise<void> {
    for (const replica of this.#replicas) await this.#stop(replica);
    for (const gateway of this.#gateways) await gateway.die();
    for (const bus of this.#buses) await bus.close();
    await this.services.stop();
    await deleteStreams(this.bus, this.prefix);
    await this.bus.close();
    await this.directory.close();
    await this.database.close();
    await this.stored.drop();
  }

  async #stop(replica: Replica): Promise<void> {
    for (const work of replica.background.reverse()) await work.stop();
    await replica.app.close();
    await replica.bus.close();
    await replica.database.close();
  }
}
