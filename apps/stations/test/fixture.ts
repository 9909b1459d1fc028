import 'reflect-metadata';
import { type Directory, RedisDirectory } from '@busbar/directory';
import { type Clock, defaultTenant, systemClock, type TenantId, TimeOrderedIds } from '@busbar/domain';
import type { AskContext, Operation, Receipt, ReceiptBatch, Report } from '@busbar/events';
import { type Bus, connectBus } from '@busbar/messaging';
import { BusStrategy } from '@busbar/messaging/nest';
import { Metrics } from '@busbar/observability';
import { type Database, openDatabase, type Sql } from '@busbar/persistence';
import { type Background, partsModule, readServiceSettings } from '@busbar/service-host';
import { sharedStores, type TestDatabase, testDatabase, testLogger, testPrefix } from '@busbar/testing';
import type { INestMicroservice } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { MicroserviceOptions } from '@nestjs/microservices';
import { composeStations } from '../src/compose.js';
import { stationsSettings } from '../src/settings.js';

const stationsSchema = { schema: 'stations', directory: new URL('../migrations/', import.meta.url) };

export interface StationsOptions {
  env?: Record<string, string>;
  clock?: Clock;
  leaseMs?: number;
  /** Starts the background work too. */
  background?: boolean;
}

/** The service as it runs, in this process, on a database and a prefix of its own. */
export class StationsFixture {
  readonly directory: Directory;
  readonly background: Background[] = [];
  #batches = 0;

  private constructor(
    readonly bus: Bus,
    readonly prefix: string,
    readonly stored: TestDatabase,
    /** As the service's own role. */
    readonly database: Database,
    directory: Directory,
    readonly log: ReturnType<typeof testLogger>,
  ) {
    this.directory = directory;
  }

  readonly #apps: INestMicroservice[] = [];

  static async start(options: StationsOptions = {}): Promise<StationsFixture> {
    const prefix = testPrefix();
    const log = testLogger();
    const stored = await testDatabase({ schemas: [stationsSchema] });
    const bus = await connectBus({ url: sharedStores.natsUrl(), name: prefix, prefix, logger: log.logger });
    const database = openDatabase({ url: stored.url, applicationName: prefix, poolMax: 10, logger: log.logger });
    const directory = new RedisDirectory({
      url: sharedStores.redisUrl(),
      prefix,
      logger: log.logger,
      ...(options.leaseMs === undefined ? {} : { leaseMs: options.leaseMs }),
    });
    const fixture = new StationsFixture(bus, prefix, stored, database, directory, log);
    await fixture.addReplica(options);
    return fixture;
  }

  /** Another replica of the service beside the first, on the same stores. */
  async addReplica(options: StationsOptions = {}): Promise<void> {
    const env = {
      BUSBAR_ENVIRONMENT: 'development',
      BUSBAR_POSTGRES_URL: this.stored.url,
      BUSBAR_KEY_PEPPER: 'a pepper for tests only',
      ...options.env,
    };
    const { settings } = readServiceSettings(stationsSettings, env);
    const parts = {
      name: 'stations',
      settings,
      logger: this.log.logger,
      metrics: new Metrics({ processMetrics: false }),
      database: this.database,
      bus: this.bus,
      clock: options.clock ?? systemClock,
      ids: new TimeOrderedIds(),
      checks: {},
    };
    const service = composeStations(parts, this.directory);
    const app = await NestFactory.createMicroservice<MicroserviceOptions>(
      { ...service.module, imports: [partsModule(parts)] },
      { strategy: new BusStrategy(this.bus, 'stations', this.log.logger), logger: false },
    );
    await app.listen();
    this.#apps.push(app);
    if (options.background) {
      for (const work of service.background) await work.start();
      this.background.push(...service.background);
    }
  }

  context(more: Partial<AskContext> = {}): AskContext {
    return { tenant: defaultTenant, caller: 'test', requestId: 'r1', ...more };
  }

  ask<Q, A>(operation: Operation<Q, A>, request: Q, more: Partial<AskContext> = {}): Promise<A> {
    return this.bus.ask(operation, request, this.context(more));
  }

  /** Sends reports as a gateway does; the receipts in their order. */
  async send(...reports: Report[]): Promise<Receipt[]> {
    this.#batches += 1;
    const id = `b${this.#batches}`;
    const gateway = reports[0]?.source.gateway ?? 'gateway';
    const batch = { id, gateway, reports };
    const subject = this.bus.subjects.reports('stations');
    const reply = await this.bus.request<ReceiptBatch>(subject, batch, { timeoutMs: 5_000 });
    if (reply.batch !== id) throw new Error(`receipt of ${reply.batch}, expected ${id}`);
    return reply.receipts;
  }

  rows<R>(statement: Sql): Promise<R[]> {
    return this.database.query<R>(statement);
  }

  async stop(): Promise<void> {
    for (const work of this.background.reverse()) await work.stop();
    for (const app of this.#apps) await app.close();
    await this.bus.close();
    await this.database.close();
    await this.directory.close();
    await this.stored.drop();
  }
}

export const otherTenant = 'other' as TenantId;
