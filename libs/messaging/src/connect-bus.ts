import { setTimeout as delay } from 'node:timers/promises';
import { type Logger, Metrics } from '@busbar/observability';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import type { Bus } from './bus.js';
import { BusError } from './bus-error.js';
import { NatsBus } from './nats-bus.js';

const dialTimeoutMs = 2000;
const reconnectWaitMs = 250;
const reconnectJitterMs = 750;
/** A server that stops answering is noticed after three of these. */
const pingIntervalMs = 3000;

export interface BusOptions {
  /** One server or several separated by commas: `nats://host:4222` or `tls://…`, with `user:password@` if needed. */
  url: string;
  /** Shown by the server's monitoring; the process's name. */
  name: string;
  /** Keeps installations that share a server apart; the first part of every subject. */
  prefix: string;
  logger: Logger;
  metrics?: Metrics;
  /** How long to wait for a server that is not there yet at the start; 15 s unless given. */
  firstConnectMs?: number;
}

/**
 * Connects, and stays connected: a lost connection is tried again for ever, every 250 to 1000 ms. Rejects with
 * `disconnected` when no server can be reached in the beginning.
 */
export async function connectBus(options: BusOptions): Promise<Bus> {
  if (!/^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$/.test(options.prefix)) {
    throw new TypeError('the prefix of the bus may hold letters, digits, _, - and single dots only');
  }
  const connection = await firstConnection(options);
  return new NatsBus(
    connection,
    options.prefix,
    options.logger,
    options.metrics ?? new Metrics({ processMetrics: false }),
  );
}

async function firstConnection(options: BusOptions): Promise<NatsConnection> {
  const waitMs = options.firstConnectMs ?? 15_000;
  const deadline = performance.now() + waitMs;
  for (;;) {
    try {
      return await dial(options);
    } catch (cause) {
      if (performance.now() >= deadline) {
        throw new BusError('disconnected', `no NATS server could be reached in ${waitMs} ms`, { cause });
      }
      options.logger.warn({ err: cause }, 'no NATS server yet');
      await delay(reconnectWaitMs + Math.random() * reconnectJitterMs);
    }
  }
}

function dial(options: BusOptions): Promise<NatsConnection> {
  const servers = options.url.split(',').map((one) => new URL(one.trim()));
  const first = servers[0];
  return connect({
    servers: servers.map((server) => server.host),
    ...credentials(first),
    ...(servers.some((server) => server.protocol === 'tls:') ? { tls: {} } : {}),
    name: options.name,
    // Two to three times the throughput: no stack trace is taken for each request.
    noAsyncTraces: true,
    timeout: dialTimeoutMs,
    maxReconnectAttempts: -1,
    reconnectDelayHandler: () => reconnectWaitMs + Math.random() * reconnectJitterMs,
    // A server that refuses our credentials during its own restart is tried again like one that is away.
    ignoreAuthErrorAbort: true,
    pingInterval: pingIntervalMs,
    maxPingOut: 2,
  });
}

function credentials(server: URL | undefined): { user?: string; pass?: string; token?: string } {
  if (!server || server.username === '') return {};
  const name = decodeURIComponent(server.username);
  return server.password === '' ? { token: name } : { user: name, pass: decodeURIComponent(server.password) };
}
