import uWS from 'uWebSockets.js';
import { readSettings } from '@busbar/config';
import { type Directory, RedisDirectory } from '@busbar/directory';
import { type GatewayId, systemClock, TimeOrderedIds } from '@busbar/domain';
import { type Bus, connectBus } from '@busbar/messaging';
import { Metrics } from '@busbar/observability';
import {
  deleteStreams,
  StationClient,
  type StationOptions,
  sharedStores,
  testLogger,
  testPrefix,
  waitUntil,
} from '@busbar/testing';
import { Redis } from 'ioredis';
import { Gateway, type Timings, timings } from '../src/gateway.js';
import { type GatewaySettings, gatewaySettings } from '../src/settings.js';
import { FakeServices, key } from './fake-services.js';

export interface GatewayOptions {
  settings?: Partial<GatewaySettings>;
  timings?: Partial<Timings>;
  stationsMax?: number;
  /** Other stores than the shared ones, such as a proxy before them. */
  natsUrl?: string;
  directory?: Directory;
}

/** A gateway with a bus and a directory of its own, in this process. */
export interface GatewayUnderTest {
  gateway: Gateway;
  id: GatewayId;
  url: string;
  port: number;
  bus: Bus;
  directory: Directory;
  lines: string[];
  /** A metric's value by name and labels, as the scrape shows it; 0 when absent. */
  metric(sample: string): Promise<number>;
}

/** Everything that a test of gateways needs, isolated by a prefix. */
export class Bench {
  readonly prefix = testPrefix();
  readonly gateways: GatewayUnderTest[] = [];
  readonly stations: StationClient[] = [];
  readonly redis: Redis = new Redis(sharedStores.redisUrl());
  /** Set by a test that makes streams, so that they are deleted after it. */
  hasStreams = false;
  readonly #closing: (() => Promise<unknown>)[] = [];
  #bus: Bus | undefined;
  #services: FakeServices | undefined;

  /** The bus of the fake services. */
  get bus(): Bus {
    if (this.#bus === undefined) throw new Error('open() first');
    return this.#bus;
  }

  get services(): FakeServices {
    if (this.#services === undefined) throw new Error('open() first');
    return this.#services;
  }

  async open(): Promise<this> {
    const { logger } = testLogger();
    this.#bus = await connectBus({ url: sharedStores.natsUrl(), name: 'services', prefix: this.prefix, logger });
    this.#services = new FakeServices(this.#bus);
    return this;
  }

  async gateway(options: GatewayOptions = {}): Promise<GatewayUnderTest> {
    const { logger, lines } = testLogger();
    const ids = new TimeOrderedIds();
    const id = ids.next<'gateway'>();
    const { prefix } = this;
    const bus = await connectBus({ url: options.natsUrl ?? sharedStores.natsUrl(), name: 'gateway', prefix, logger });
    const directory = options.directory ?? new RedisDirectory({ url: sharedStores.redisUrl(), prefix, logger });
    const metrics = new Metrics({ processMetrics: false });
    const { settings } = readSettings(gatewaySettings, { BUSBAR_GATEWAY_PORT: '0', BUSBAR_PREFIX: prefix });
    const gateway = new Gateway({
      id,
      settings: { ...settings, ...options.settings },
      stationsMax: options.stationsMax ?? 1000,
      engine: uWS,
      bus,
      directory,
      clock: systemClock,
      ids,
      logger,
      metrics,
      timings: { ...timings, ...options.timings },
    });
    const port = await gateway.listen();
    const metric = async (sample: string): Promise<number> => {
      for (const line of (await metrics.text()).split('\n')) {
        if (line.startsWith(`${sample} `)) return Number(line.slice(sample.length + 1));
      }
      return 0;
    };
    const made = { gateway, id, url: `ws://127.0.0.1:${port}/ocpp/`, port, bus, directory, lines, metric };
    this.gateways.push(made);
    this.#closing.push(async () => {
      gateway.close();
      await directory.close();
      await bus.close();
    });
    // A directory of the test's own may be away on purpose.
    if (options.directory === undefined) {
      await waitUntil('the gateway has a lease', async () => (await directory.livingGateways([id])).has(id));
    }
    return made;
  }

  /** A known station's connection. */
  async station(
    gateway: GatewayUnderTest,
    identity: string,
    options: Partial<StationOptions> = {},
  ): Promise<StationClient> {
    const station = await StationClient.connect({ url: gateway.url, identity, key, ...options });
    this.stations.push(station);
    return station;
  }

  async close(): Promise<void> {
    for (const station of this.stations) if (station.isOpen) await station.close();
    for (const close of this.#closing) await close();
    if (this.#bus !== undefined) {
      if (this.hasStreams) await deleteStreams(this.#bus, this.prefix);
      // Handlers that stay silent for ever are part of some tests, so the services are not waited for.
      await this.#bus.close();
    }
    for await (const keys of this.redis.scanStream({ match: `${this.prefix}:*` })) {
      for (const one of keys as string[]) await this.redis.del(one);
    }
    await this.redis.quit();
  }
}

export async function bench(): Promise<Bench> {
  return new Bench().open();
}
