import { foldIdToken, type IdTokenInfo, type StationId, systemClock, TimeOrderedIds } from '@busbar/domain';
import {
  type Ask,
  type AskContext,
  authorizationOperations,
  type Decision,
  type DecisionRequest,
  type Receipt,
  type Report,
  stationOperations,
  type TransactionView,
} from '@busbar/events';
import { Metrics } from '@busbar/observability';
import { type Database, openDatabase, sql } from '@busbar/persistence';
import { type TestBus, type TestDatabase, testBus, testDatabase, testLogger } from '@busbar/testing';
import { keepPartitions } from '../../src/background/partitions.js';
import { composeService, type Service } from '../../src/compose.js';
import { batchOf, tenant } from './reports.js';

export const testSettings = {
  fault: '',
  authorizationTimeoutMs: 1_000,
  readingRowsPerCommit: 500,
  readingCommitsAtOnce: 2,
  readingRowsWaitingMax: 20_000,
  sessionsAtOnce: 6,
  postgresPoolMax: 8,
};

export const context: AskContext = { tenant, caller: 'test', requestId: 'test' };

/** What the authorization service says of a token in a test. */
export interface TokenRule extends Partial<IdTokenInfo> {
  maxConcurrentTransactions?: number | null;
}

/** The service, as many replicas as asked for, on a database and a bus of their own. */
export class World {
  /** By folded token; others are accepted without limit. */
  readonly tokens = new Map<string, TokenRule>();
  /** Every token that the authorization service was asked about. */
  readonly asked: DecisionRequest[] = [];
  /** Whether the authorization service answers. */
  authorizationAnswers = true;
  readonly lines: string[];
  readonly #databases: Database[] = [];

  private constructor(
    readonly store: TestDatabase,
    readonly admin: Database,
    readonly testBus: TestBus,
    private readonly logger: ReturnType<typeof testLogger>,
  ) {
    this.lines = logger.lines;
  }

  static async open(): Promise<World> {
    const store = await testDatabase({
      schemas: [{ schema: 'transactions', directory: new URL('../../migrations/', import.meta.url) }],
    });
    const logger = testLogger();
    const admin = openDatabase({
      url: store.adminUrl,
      applicationName: 'test-admin',
      poolMax: 3,
      logger: logger.logger,
    });
    const world = new World(store, admin, await testBus(), logger);
    world.#databases.push(admin);
    world.#serveOthers();
    await keepPartitions(admin, { monthsAhead: 2, clock: systemClock, logger: logger.logger });
    return world;
  }

  async close(): Promise<void> {
    await this.testBus.close();
    for (const database of this.#databases) await database.close();
    await this.store.drop();
  }

  /** One more set of connections, with the rights of a service. */
  database(url = this.store.url): Database {
    const database = openDatabase({ url, applicationName: 'test-replica', poolMax: 8, logger: this.logger.logger });
    this.#databases.push(database);
    return database;
  }

  /** One more replica, with connections of its own. */
  replica(options: { url?: string; settings?: Partial<typeof testSettings> } = {}): Service {
    return composeService({
      database: this.database(options.url),
      bus: this.testBus.bus,
      clock: systemClock,
      ids: new TimeOrderedIds(),
      logger: this.logger.logger,
      metrics: new Metrics({ processMetrics: false }),
      settings: { ...testSettings, ...options.settings },
    });
  }

  rows<R>(query: Parameters<Database['query']>[0]): Promise<R[]> {
    return this.admin.query<R>(query);
  }

  async count(table: string, station: StationId): Promise<number> {
    const [row] = await this.rows<{ count: number }>(
      sql`select count(*) as count from ${sql.identifier(`transactions.${table}`)} where station_id = ${station}`,
    );
    return row?.count ?? 0;
  }

  /** The facts about a station that wait in the outbox, oldest first. */
  async facts(station: StationId): Promise<{ type: string; data: Record<string, unknown> }[]> {
    const rows = await this.rows<{ fact: { type: string; station: string; data: Record<string, unknown> } }>(
      sql`select fact from transactions.outbox where fact ->> 'station' = ${station} order by position`,
    );
    return rows.map(({ fact }) => fact);
  }

  /** The station's transactions as they are shown, oldest first. */
  async shown(service: Service, station: StationId): Promise<TransactionView[]> {
    const { items } = await service.queries.list({ limit: 500, station: identityOf(station) }, context);
    return items.toReversed();
  }

  #serveOthers(): void {
    const { bus } = this.testBus;
    bus.serve<Ask<{ decisions: DecisionRequest[] }>>(
      bus.subjects.ask(authorizationOperations.decide.name),
      async ({ request }) => {
        this.asked.push(...request.decisions);
        if (!this.authorizationAnswers) throw new Error('silent on purpose');
        return { answer: { decisions: request.decisions.map((one) => this.#decide(one)) } };
      },
    );
    bus.serve<Ask<{ stations?: StationId[]; identities?: string[] }>>(
      bus.subjects.ask(stationOperations.references.name),
      async ({ request }) => {
        const named = (request.identities ?? []).map((identity) => identity.replace('CP ', '') as StationId);
        const items = [...(request.stations ?? []), ...named].map((station) => ({
          station,
          identity: identityOf(station),
          registration: 'accepted' as const,
          protocol: 'ocpp1.6',
          site: null,
          maxKeysPerGetVariables: null,
        }));
        return { answer: { items } };
      },
    );
  }

  #decide({ idToken, purpose }: DecisionRequest): Decision {
    const { maxConcurrentTransactions = null, ...info } = this.tokens.get(foldIdToken(idToken)) ?? {};
    return {
      idTokenInfo: { status: 'Accepted', ...info },
      reason: purpose === 'start' ? 'known' : 'standing',
      concurrencyKey: info.group === undefined ? foldIdToken(idToken) : foldIdToken(info.group),
      maxConcurrentTransactions,
    };
  }
}

/** What the stations service of these tests calls a station. */
export function identityOf(station: StationId): string {
  return `CP ${station}`;
}

/** Sends one report in a batch of its own and gives its receipt. */
export async function send(service: Service, report: Report): Promise<Receipt> {
  const [receipt] = await service.intake.answer(batchOf(report));
  if (!receipt) throw new Error('no receipt');
  return receipt;
}

/** The content of an answer; fails when the report was not answered. */
export function answerOf<A>(receipt: Receipt | undefined): A {
  if (!receipt || !('answer' in receipt)) throw new Error(`not answered: ${JSON.stringify(receipt)}`);
  return receipt.answer as A;
}

export interface StartAnswer {
  ocppTransactionId: number;
  idTokenInfo: IdTokenInfo;
}

export async function start(service: Service, report: Report<'transaction.started'>): Promise<StartAnswer> {
  return answerOf<StartAnswer>(await send(service, report));
}

export async function stop(
  service: Service,
  report: Report<'transaction.ended'>,
): Promise<{ idTokenInfo?: IdTokenInfo }> {
  return answerOf(await send(service, report));
}
