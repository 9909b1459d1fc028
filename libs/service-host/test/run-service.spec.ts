import type { Fact } from '@busbar/events';
import { operation, ProblemError } from '@busbar/events';
import { type BusError, readFacts } from '@busbar/messaging';
import { sharedStores, type TestBus, testBus, testDatabase, waitUntil } from '@busbar/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type FixtureProcess, startFixture } from './process.js';

const context = { tenant: 'default', caller: 'test', requestId: 'r' } as never;
const add = operation<{ left: number; right: number }, { sum: number }>('sums.add');
const slow = operation<Record<string, never>, { done: boolean }>('sums.slow');
const note = operation<{ fact: Fact }, Record<string, never>>('sums.note');
const fail = operation<Record<string, never>, Record<string, never>>('sums.fail');

const directory = new URL('./fixture/migrations/', import.meta.url);
const small = String(4 * 1024 * 1024);

interface Running {
  service: FixtureProcess;
  bus: TestBus['bus'];
  get(path: string): Promise<Response>;
}

async function start(): Promise<Running> {
  const database = await testDatabase({ schemas: [{ schema: 'sums', directory }] });
  onTestFinished(() => database.drop());
  const { bus, prefix, close } = await testBus();
  onTestFinished(close);
  const service = startFixture('service', {
    BUSBAR_POSTGRES_URL: database.url,
    BUSBAR_NATS_URL: sharedStores.natsUrl(),
    BUSBAR_PREFIX: prefix,
    BUSBAR_FACTS_BYTES_MAX: small,
    BUSBAR_READINGS_BYTES_MAX: small,
    BUSBAR_FRAMES_BYTES_MAX: small,
    BUSBAR_ENVIRONMENT: 'development',
  });
  const { ports } = (await service.line('ready')) as { ports: { health: number } };
  return { service, bus, get: (path) => fetch(`http://127.0.0.1:${ports.health}${path}`) };
}

describe('runService', () => {
  // The whole of it: an operation is answered, a refusal is a problem, a failure keeps its secret, a probe has its receipt.
  it('serves operations and reports', async () => {
    const { bus, service } = await start();
    expect(await bus.ask(add, { left: 1, right: 2 }, context)).toEqual({ sum: 3, caller: 'test' });
    const problems = await Promise.all(
      [-1, 13, 14].map((left) =>
        bus
          .ask(add, { left, right: 0 }, context)
          .catch((error: unknown) => error instanceof ProblemError && error.problem),
      ),
    );
    expect(problems).toEqual([
      { status: 422, code: 'negative', detail: 'Not below zero.' },
      { status: 500, code: 'internal', detail: 'The request failed.' },
      expect.objectContaining({ status: 503, code: 'unavailable', retryAfterSeconds: 2 }),
    ]);
    const failures = await waitUntil('both failures are logged', () => {
      const found = service.lines.filter(({ msg }) => msg === 'an operation failed');
      return found.length === 2 && found;
    });
    expect(failures).toEqual([
      expect.objectContaining({ err: expect.objectContaining({ message: 'a secret of the service' }) }),
      expect.objectContaining({ err: expect.objectContaining({ message: 'store away' }) }),
    ]);
    const probe = { id: 'probe', gateway: 'g', reports: [] };
    const receipts = await bus.request(bus.subjects.reports('commands'), probe, { timeoutMs: 5000 });
    expect(receipts).toEqual({ batch: 'probe', receipts: [] });
  });

  // A batch that failed, or got too few receipts, must stay unanswered: the gateway sends it again.
  it.each(['broken', 'short'])('leaves the %s batch unanswered', async (id) => {
    const { bus, service } = await start();
    const batch = { id, gateway: 'g', reports: [{}] };
    const outcome = await bus
      .request(bus.subjects.reports('commands'), batch, { timeoutMs: 300 })
      .catch((error: BusError) => error.code);
    expect(outcome).toBe('timeout');
    await service.line('a message failed and stays unanswered');
  });

  // A fact recorded in a transaction reaches the stream.
  it('relays facts', async () => {
    const { bus } = await start();
    const at = '2026-01-01T00:00:00.000Z';
    const fact = { id: 'f1', type: 'token.changed', tenant: 'default', at, data: {} } as Fact;
    await bus.ask(note, { fact }, context);
    for await (const read of readFacts(bus, {
      filter: bus.subjects.allFacts(),
      after: 0,
      signal: AbortSignal.timeout(20_000),
    })) {
      expect(read).toEqual({ sequence: 1, fact });
      break;
    }
    expect.assertions(1);
  });

  // Ready says so, with one line, on the health port, and in the metrics.
  it('is ready', async () => {
    const { service, get } = await start();
    const ready = await get('/readyz');
    expect([ready.status, await ready.json()]).toEqual([200, { status: 'ready' }]);
    expect(await (await get('/metrics')).text()).toContain('busbar_bus_connected 1');
    expect(service.lines.filter(({ msg }) => msg === 'ready')).toHaveLength(1);
    expect(service.lines.map(({ msg }) => msg)).toContain('sweep started');
  });

  // SIGTERM: the ask that runs is answered, a second signal changes nothing, and the exit code is 0.
  it.each(['SIGTERM', 'SIGINT'] as const)('stops on %s', async (signal) => {
    const { bus, service } = await start();
    const running = bus.ask(slow, {}, context);
    await service.line('slow began');
    service.signal(signal);
    service.signal(signal);
    expect(await running).toEqual({ done: true });
    expect(await service.exit).toBe(0);
    const messages = service.lines.map(({ msg }) => msg);
    expect(messages.slice(-3)).toEqual(['stopping', 'sweep stopped', 'stopped']);
    await expect(bus.ask(add, { left: 1, right: 1 }, context)).rejects.toMatchObject({ code: 'no-responders' });
  });

  // What nobody handled must not be lived with.
  it('dies of an unhandled rejection', async () => {
    const { bus, service } = await start();
    await bus.ask(fail, {}, context, { timeoutMs: 1000 }).catch(() => undefined);
    expect(await service.exit).toBe(1);
    expect(service.lines.at(-1)).toMatchObject({
      level: 'error',
      msg: 'a rejection that nobody handled',
      err: { message: 'nobody waits for this' },
    });
  });

  // Every bad value is one line, and the process ends with 1 before it opens anything.
  it('refuses a bad configuration', async () => {
    const service = startFixture('service', {
      BUSBAR_NATS_URL: 'http://x',
      BUSBAR_HEALTH_PORT: 'many',
    });
    expect(await service.exit).toBe(1);
    expect(service.lines.map(({ level, msg }) => [level, String(msg).split(' ')[0]])).toEqual([
      ['error', 'BUSBAR_HEALTH_PORT'],
      ['error', 'BUSBAR_POSTGRES_URL'],
      ['error', 'BUSBAR_NATS_URL'],
    ]);
  });

  // A fault hook in production is refused at the start.
  it('refuses faults in production', async () => {
    const service = startFixture('service', { BUSBAR_POSTGRES_URL: 'postgres://x/y', BUSBAR_FAULT: 'after-commit' });
    expect(await service.exit).toBe(1);
    expect(service.lines).toEqual([expect.objectContaining({ level: 'error', code: 'config-invalid' })]);
  });
});

describe('runMigrations', () => {
  // Applied once; a second run finds nothing to do; both exit 0.
  it('migrates', async () => {
    const database = await testDatabase({ schemas: [] });
    onTestFinished(() => database.drop());
    const env = { BUSBAR_POSTGRES_URL: database.adminUrl };
    const first = startFixture('migrate', env);
    expect(await first.exit).toBe(0);
    expect(first.lines.at(-1)).toMatchObject({ msg: 'migrated', schema: 'sums' });
    expect(first.lines.at(-1)?.['applied']).toBeGreaterThan(0);
    const second = startFixture('migrate', env);
    expect(await second.exit).toBe(0);
    expect(second.lines.at(-1)).toMatchObject({ msg: 'migrated', applied: 0 });
  });

  // A database that is not there is a sentence and exit 1.
  it('says why it could not', async () => {
    const failed = startFixture('migrate', { BUSBAR_POSTGRES_URL: 'postgres://127.0.0.1:1/none' });
    expect(await failed.exit).toBe(1);
    expect(failed.lines.at(-1)).toMatchObject({ level: 'error', err: { code: 'unavailable' } });
  });
});
