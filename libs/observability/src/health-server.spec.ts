import { afterEach, describe, expect, it } from 'vitest';
import { type HealthCheck, type HealthServer, startHealthServer } from './health-server.js';
import { createLogger } from './logger.js';
import { Metrics } from './metrics.js';

let server: HealthServer | undefined;

afterEach(async () => {
  await server?.close();
  server = undefined;
});

async function start(
  checks: Record<string, HealthCheck>,
): Promise<(path: string, method?: string) => Promise<Response>> {
  const logger = createLogger({ app: 'test', level: 'silent' });
  const metrics = new Metrics({ processMetrics: false });
  metrics.counter({ name: 'busbar_x_total', help: 'X' }).inc();
  const started = await startHealthServer({ host: '127.0.0.1', port: 0, metrics, checks, logger });
  server = started;
  return (path, method = 'GET') => fetch(`http://127.0.0.1:${started.port}${path}`, { method });
}

describe('startHealthServer', () => {
  // All well: every page answers 200.
  it('answers when all is well', async () => {
    const get = await start({ bus: () => undefined, database: async () => undefined });
    const ready = await get('/readyz?verbose');
    expect([ready.status, await ready.json()]).toEqual([200, { status: 'ready' }]);
    const health = await get('/healthz');
    expect([health.status, await health.json()]).toEqual([200, { status: 'ok' }]);
    const metrics = await get('/metrics');
    expect(metrics.headers.get('content-type')).toContain('text/plain');
    expect(await metrics.text()).toContain('busbar_x_total 1');
  });

  // What is missing is named, whether it throws, rejects or hangs; the process itself still counts as alive.
  it('names what is missing', async () => {
    const get = await start({
      bus: () => {
        throw new Error('disconnected');
      },
      database: async () => {
        throw new Error('refused\u001b[31m');
      },
      directory: () => new Promise<void>(() => undefined),
      fine: () => undefined,
    });
    const ready = await get('/readyz');
    expect([ready.status, await ready.json()]).toEqual([
      503,
      {
        status: 'not ready',
        missing: { bus: 'disconnected', database: 'refused\\x1b[31m', directory: 'no answer within 1000 ms' },
      },
    ]);
    expect((await get('/healthz')).status).toBe(200);
  });

  // A flood of probes must not become a flood of checks.
  it('runs each check once at a time', async () => {
    let runs = 0;
    let finish: () => void = () => undefined;
    const running = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const get = await start({
      database: () => {
        runs += 1;
        return running;
      },
    });
    const probes = Promise.all([get('/readyz'), get('/readyz'), get('/readyz')]);
    await get('/healthz');
    finish();
    expect((await probes).map((probe) => probe.status)).toEqual([200, 200, 200]);
    expect(runs).toBeLessThanOrEqual(2);
  });

  // Nothing else is served.
  it('refuses other paths and methods', async () => {
    const get = await start({});
    expect((await get('/')).status).toBe(404);
    expect((await get('/healthz', 'POST')).status).toBe(405);
  });

  // A busy port is an error of the start, not a crash later.
  it('reports a busy port', async () => {
    await start({});
    const options = {
      host: '127.0.0.1',
      port: server?.port ?? 0,
      metrics: new Metrics({ processMetrics: false }),
      checks: {},
      logger: createLogger({ app: 'test', level: 'silent' }),
    };
    await expect(startHealthServer(options)).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });
});
