import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { cleanText } from './clean-text.js';
import type { Logger } from './logger.js';
import type { Metrics } from './metrics.js';

const checkTimeMs = 1000;
const connectionsMax = 64;

/** Rejects or throws when the thing it is named after cannot do its work now. */
export type HealthCheck = () => Promise<void> | void;

export interface HealthServerOptions {
  /** The address to listen on; loopback unless a deployment needs its probes from elsewhere. */
  host: string;
  /** 0 takes any free port. */
  port: number;
  metrics: Metrics;
  /** By the name that an operator reads when it fails. A check that takes longer than a second has failed. */
  checks: Record<string, HealthCheck>;
  logger: Logger;
}

export interface HealthServer {
  readonly port: number;
  close(): Promise<void>;
}

export interface Readiness {
  ready: boolean;
  /** What is missing, and why, by the name of the check. */
  missing: Record<string, string>;
}

/**
 * `/healthz` (200 while the process can answer at all), `/readyz` (503 naming what is missing) and `/metrics`.
 * However often `/readyz` is asked, each check runs once at a time.
 */
export async function startHealthServer(options: HealthServerOptions): Promise<HealthServer> {
  const readiness = shared(() => runChecks(options.checks));
  const server = createServer(
    { requestTimeout: 5000, headersTimeout: 5000, keepAliveTimeout: 5000 },
    (request, response) => {
      answer(request, response, options.metrics, readiness).catch((error: unknown) => {
        options.logger.error({ err: error }, 'the health server could not answer');
        send(response, 500, 'application/json', '{"status":"error"}');
      });
    },
  );
  server.maxConnections = connectionsMax;
  await listen(server, options.host, options.port);
  return { port: (server.address() as AddressInfo).port, close: () => close(server) };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  metrics: Metrics,
  readiness: () => Promise<Readiness>,
): Promise<void> {
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    send(response, 405, 'application/json', '{"status":"method not allowed"}');
    return;
  }
  switch ((request.url ?? '').split('?', 1)[0]) {
    case '/healthz':
      send(response, 200, 'application/json', '{"status":"ok"}');
      return;
    case '/readyz': {
      const { ready, missing } = await readiness();
      const body = ready ? { status: 'ready' } : { status: 'not ready', missing };
      send(response, ready ? 200 : 503, 'application/json', JSON.stringify(body));
      return;
    }
    case '/metrics':
      send(response, 200, metrics.contentType, await metrics.text());
      return;
    default:
      send(response, 404, 'application/json', '{"status":"not found"}');
  }
}

function send(response: ServerResponse, status: number, type: string, body: string): void {
  if (response.headersSent) return;
  response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' });
  response.end(body);
}

/** Runs every check of a list at once, each for a second at most. */
export async function runChecks(checks: Record<string, HealthCheck>): Promise<Readiness> {
  const missing: Record<string, string> = {};
  await Promise.all(
    Object.entries(checks).map(async ([name, check]) => {
      const failure = await failureOf(check);
      if (failure !== undefined) missing[name] = failure;
    }),
  );
  return { ready: Object.keys(missing).length === 0, missing };
}

async function failureOf(check: HealthCheck): Promise<string | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<string>((resolve) => {
    timer = setTimeout(resolve, checkTimeMs, `no answer within ${checkTimeMs} ms`);
  });
  const outcome = (async () => {
    await check();
    return undefined;
  })().catch((error: unknown) => cleanText(error instanceof Error ? error.message : String(error)) || 'failed');
  try {
    return await Promise.race([outcome, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Joins callers that come while an earlier call still runs. */
function shared<T>(work: () => Promise<T>): () => Promise<T> {
  let running: Promise<T> | undefined;
  return () => {
    running ??= work().finally(() => {
      running = undefined;
    });
    return running;
  };
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.removeListener('error', reject);
      resolve();
    });
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve, reject) => {
    server.close((error) => (error ? reject(error) : resolve()));
    server.closeAllConnections();
  });
}
