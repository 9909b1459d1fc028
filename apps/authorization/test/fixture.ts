import 'reflect-metadata';
import {
  defaultTenant,
  type GatewayId,
  type StationId,
  systemClock,
  type TenantId,
  TimeOrderedIds,
} from '@busbar/domain';
import {
  type AskContext,
  type Operation,
  type Receipt,
  type ReceiptBatch,
  type Report,
  type StationReference,
  stationOperations,
} from '@busbar/events';
import { type Bus, connectBus, type Served } from '@busbar/messaging';
import { BusStrategy } from '@busbar/messaging/nest';
import { Metrics } from '@busbar/observability';
import { type Database, openDatabase, type Sql } from '@busbar/persistence';
import { partsModule, readServiceSettings } from '@busbar/service-host';
import { sharedStores, type TestDatabase, testDatabase, testLogger, testPrefix } from '@busbar/testing';
import type { INestMicroservice } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { MicroserviceOptions } from '@nestjs/microservices';
import { composeAuthorization } from '../src/compose.js';
import { authorizationSettings } from '../src/settings.js';

const schema = { schema: 'authorization', directory: new URL('../migrations/', import.meta.url) };
const ids = new TimeOrderedIds();

/** The service as it runs, in this process, on a database and a prefix of its own. */
export class AuthorizationFixture {
  readonly #apps: INestMicroservice[] = [];
  #stations: Served | undefined;
  #batches = 0;

  private constructor(
    readonly bus: Bus,
    readonly stored: TestDatabase,
    /** As the service's own role. */
    readonly database: Database,
    readonly log: ReturnType<typeof testLogger>,
  ) {}

  static async start(): Promise<AuthorizationFixture> {
    const prefix = testPrefix();
    const log = testLogger();
    const stored = await testDatabase({ schemas: [schema] });
    const bus = await connectBus({ url: sharedStores.natsUrl(), name: prefix, prefix, logger: log.logger });
    const database = openDatabase({ url: stored.url, applicationName: prefix, poolMax: 10, logger: log.logger });
    const fixture = new AuthorizationFixture(bus, stored, database, log);
    await fixture.addReplica();
    return fixture;
  }

  /** Another replica of the service, on the same stores. */
  async addReplica(): Promise<void> {
    const env = { BUSBAR_ENVIRONMENT: 'development', BUSBAR_POSTGRES_URL: this.stored.url };
    const { settings } = readServiceSettings(authorizationSettings, env);
    const parts = {
      name: 'authorization',
      settings,
      logger: this.log.logger,
      metrics: new Metrics({ processMetrics: false }),
      database: this.database,
      bus: this.bus,
      clock: systemClock,
      ids: new TimeOrderedIds(),
      checks: {},
    };
    const app = await NestFactory.createMicroservice<MicroserviceOptions>(
      { ...composeAuthorization(parts).module, imports: [partsModule(parts)] },
      { strategy: new BusStrategy(this.bus, 'authorization', this.log.logger), logger: false },
    );
    await app.listen();
    this.#apps.push(app);
  }

  /** Plays the stations service, which says where stations stand. */
  async serveStations(stations: readonly Pick<StationReference, 'station' | 'identity' | 'site'>[]): Promise<void> {
    await this.silenceStations();
    const subject = this.bus.subjects.ask(stationOperations.references.name);
    type Asked = { request: { stations?: StationId[]; identities?: string[] } };
    this.#stations = this.bus.serve<Asked>(subject, async ({ request }) => ({
      answer: {
        items: stations.filter(
          ({ station, identity }) => request.stations?.includes(station) || request.identities?.includes(identity),
        ),
      },
    }));
    await this.bus.connection.flush();
  }

  async silenceStations(): Promise<void> {
    await this.#stations?.stop();
    this.#stations = undefined;
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
    const batch = { id: `b${this.#batches}`, gateway: 'gateway', reports };
    const subject = this.bus.subjects.reports('authorization');
    const reply = await this.bus.request<ReceiptBatch>(subject, batch, { timeoutMs: 5_000 });
    return reply.receipts;
  }

  rows<R>(statement: Sql): Promise<R[]> {
    return this.database.query<R>(statement);
  }

  async stop(): Promise<void> {
    await this.silenceStations();
    for (const app of this.#apps) await app.close();
    await this.bus.close();
    await this.database.close();
    await this.stored.drop();
  }
}

/** An Authorize as a gateway would lift it. */
export function authorize(idToken: string, more: { station?: StationId; tenant?: TenantId } = {}): Report {
  const at = new Date().toISOString();
  return {
    id: ids.next(),
    type: 'authorization.requested',
    schema: 1,
    tenant: more.tenant ?? defaultTenant,
    station: more.station ?? ('station00000000000000000a' as StationId),
    occurredAt: at,
    receivedAt: at,
    source: {
      version: '1.6',
      transport: 'ws',
      action: 'Authorize',
      messageId: 'm1',
      gateway: 'gateway' as GatewayId,
      epoch: 100,
      seq: 1,
    },
    data: { idToken },
  };
}
