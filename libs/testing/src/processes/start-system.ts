import { randomBytes } from 'node:crypto';
import { streamNames } from '@busbar/events';
import { writerRole } from '@busbar/persistence';
import { sharedStores } from '../stores.js';
import { testBus } from '../test-bus.js';
import { type TestDatabase, testDatabase } from '../test-database.js';
import { testPrefix } from '../test-prefix.js';
import { testRedis } from '../test-redis.js';
import { workspaceRoot } from './child.js';
import { type RunningApp, startApp } from './start-app.js';

const schemaApps = ['stations', 'authorization', 'transactions', 'commands', 'api'] as const;
export type SystemApp = 'gateway' | (typeof schemaApps)[number];

export interface SystemOptions {
  /** How many of each; two gateways and one of everything else unless told otherwise. 0 leaves it out. */
  counts?: Partial<Record<SystemApp, number>>;
  /** For every app, and for single ones: what it is told beyond the stores, the prefix and the ports. */
  env?: Readonly<Record<string, string>>;
  appEnv?: Partial<Record<SystemApp, Readonly<Record<string, string>>>>;
  /** Stores of the test's own, or ways through a `TcpProxy`; the shared ones unless given. */
  postgresUrl?: string;
  natsUrl?: string;
  redisUrl?: string;
}

/** A whole Busbar of a test's own. */
export interface System {
  readonly prefix: string;
  readonly database: TestDatabase;
  /** Every running or ended process of an app, in the order in which they were started. */
  readonly apps: Readonly<Record<SystemApp, RunningApp[]>>;
  /** `http://127.0.0.1:<port>` of the first API. */
  readonly apiUrl: string;
  /** A key with every scope. */
  readonly apiKey: string;
  /** `ws://127.0.0.1:<port>/ocpp/` of a gateway, counted from 0. */
  stationsUrl(gateway?: number): string;
  /** Starts one more of an app. */
  start(app: SystemApp, env?: Readonly<Record<string, string>>): Promise<RunningApp>;
  /** Asks the API; fails on a status of 400 and above. */
  api<T>(method: string, path: string, body?: object): Promise<T>;
  /** Stops every process and deletes what the stores hold of it. */
  stop(): Promise<void>;
}

/** Migrates every schema on a database of the test's own and starts all apps under one prefix. */
export async function startSystem(options: SystemOptions = {}): Promise<System> {
  const postgresUrl = options.postgresUrl ?? sharedStores.postgresUrl();
  const schemas = schemaApps.map((schema) => ({
    schema,
    directory: new URL(`apps/${schema}/migrations/`, workspaceRoot),
  }));
  const database = await testDatabase({ schemas, postgresUrl });
  const system = new StartedSystem(options, database);
  try {
    await system.startAll();
    return system;
  } catch (error) {
    await system.stop();
    throw error;
  }
}

class StartedSystem implements System {
  readonly prefix = testPrefix();
  readonly apiKey = `busbar_${randomBytes(20).toString('hex')}`;
  readonly apps: Record<SystemApp, RunningApp[]> = {
    gateway: [],
    stations: [],
    authorization: [],
    transactions: [],
    commands: [],
    api: [],
  };

  constructor(
    private readonly options: SystemOptions,
    readonly database: TestDatabase,
  ) {}

  get apiUrl(): string {
    return `http://127.0.0.1:${this.#portOf('api', 0, 'api')}`;
  }

  stationsUrl(gateway = 0): string {
    return `ws://127.0.0.1:${this.#portOf('gateway', gateway, 'stations')}/ocpp/`;
  }

  /** Services first, so that no gateway begins to take stations that nobody can answer. */
  async startAll(): Promise<void> {
    const { counts } = this.options;
    const many = (app: SystemApp, usual: number) =>
      Array.from({ length: counts?.[app] ?? usual }, () => this.start(app));
    await Promise.all([...schemaApps].flatMap((app) => many(app, 1)));
    await Promise.all(many('gateway', 2));
  }

  async start(app: SystemApp, env: Readonly<Record<string, string>> = {}): Promise<RunningApp> {
    const started = await startApp(app, {
      ...this.#environment(app),
      ...this.options.env,
      ...this.options.appEnv?.[app],
      ...env,
    });
    this.apps[app].push(started);
    return started;
  }

  async api<T>(method: string, path: string, body?: object): Promise<T> {
    const response = await fetch(`${this.apiUrl}/v1${path}`, {
      method,
      headers: {
        authorization: `Bearer ${this.apiKey}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(30_000),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path} was answered with ${response.status}: ${text}`);
    return (text === '' ? null : JSON.parse(text)) as T;
  }

  /** From the edge inwards, as an operator would, so that nothing is asked of what has gone. */
  async stop(): Promise<void> {
    const order: SystemApp[] = ['api', 'gateway', 'commands', 'transactions', 'authorization', 'stations'];
    const failures: unknown[] = [];
    for (const app of order) {
      const ends = await Promise.allSettled(this.apps[app].map((one) => one.stop()));
      failures.push(...ends.filter((end) => end.status === 'rejected').map((end) => end.reason));
    }
    await this.#clean();
    if (failures.length > 0) throw new AggregateError(failures, 'apps of the system did not stop');
  }

  async #clean(): Promise<void> {
    const bus = await testBus({ prefix: this.prefix, url: this.options.natsUrl ?? sharedStores.natsUrl() });
    await bus.close();
    const redis = await testRedis({ prefix: this.prefix, url: this.options.redisUrl ?? sharedStores.redisUrl() });
    await redis.close();
    await this.database.drop();
  }

  #environment(app: SystemApp): Record<string, string> {
    const common = {
      BUSBAR_ENVIRONMENT: 'development',
      BUSBAR_NATS_URL: this.options.natsUrl ?? sharedStores.natsUrl(),
      BUSBAR_PREFIX: this.prefix,
      BUSBAR_LISTEN: '127.0.0.1',
      BUSBAR_HEALTH_PORT: '0',
    };
    const redis = { BUSBAR_REDIS_URL: this.options.redisUrl ?? sharedStores.redisUrl() };
    if (app === 'gateway') return { ...common, ...redis, BUSBAR_GATEWAY_PORT: '0' };
    const streams = Object.fromEntries(
      streamNames.map((name) => [`BUSBAR_${name}_BYTES_MAX`, String(16 * 1024 * 1024)] as const),
    );
    return {
      ...common,
      ...streams,
      ...(app === 'stations' || app === 'commands' ? redis : {}),
      ...(app === 'api' ? { BUSBAR_API_PORT: '0', BUSBAR_DEV_API_KEY: this.apiKey } : {}),
      BUSBAR_POSTGRES_URL: this.database.urlAs(writerRole(app)),
    };
  }

  #portOf(app: SystemApp, index: number, what: string): number {
    const port = this.apps[app][index]?.ports[what];
    if (port === undefined) throw new Error(`${app} ${index + 1} listens on no port for ${what}`);
    return port;
  }
}
