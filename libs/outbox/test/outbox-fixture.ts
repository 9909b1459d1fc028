import { type FactId, type StationId, type TenantId, TimeOrderedIds } from '@busbar/domain';
import type { Fact } from '@busbar/events';
import { ensureStreams, readFacts, StreamPublisher } from '@busbar/messaging';
import { Metrics } from '@busbar/observability';
import { type Database, openDatabase, sql } from '@busbar/persistence';
import { testBus, testDatabase, testLogger } from '@busbar/testing';
import { afterEach } from 'vitest';
import { FactRelay } from '../src/index.js';

export const schema = 'outbox_test';
const ids = new TimeOrderedIds();
const cleanUps: (() => unknown)[] = [];

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

export function fact(station: StationId | undefined, data: Record<string, unknown> = {}): Fact {
  return {
    id: ids.next<'fact'>() as FactId,
    type: 'connector.changed',
    tenant: 'default' as TenantId,
    ...(station === undefined ? {} : { station }),
    at: new Date().toISOString(),
    data,
  };
}

export function stations(count: number): StationId[] {
  return Array.from({ length: count }, () => ids.next<'station'>());
}

/** A database with an outbox, a bus with its streams, and relays between them; all gone after the test. */
export async function outboxFixture(stores: { postgresUrl?: string; natsUrl?: string } = {}) {
  const testDb = await testDatabase({
    schemas: [{ schema, directory: new URL('./migrations/', import.meta.url) }],
    ...(stores.postgresUrl === undefined ? {} : { postgresUrl: stores.postgresUrl }),
  });
  cleanUps.push(() => testDb.drop());
  const { bus, close } = await testBus(stores.natsUrl === undefined ? {} : { url: stores.natsUrl });
  cleanUps.push(close);
  const limits = { factsBytesMax: 16 << 20, readingsBytesMax: 1 << 20, framesBytesMax: 1 << 20, replicas: 1 };
  await ensureStreams(bus, limits);
  const publisher = new StreamPublisher(bus, { timeoutMs: 1_000 });
  cleanUps.push(() => publisher.close());
  const { logger, lines } = testLogger();
  // Hundreds of writers queue for a few rows: they may wait for a connection as long as the test may take.
  const waiting = { poolMax: 20, acquireTimeoutMs: 30_000 };
  const database = openDatabase({ url: testDb.url, applicationName: 'outbox-test', logger, ...waiting });
  cleanUps.push(() => database.close());

  const relay = (through: Pick<StreamPublisher, 'publish'> = publisher, url = testDb.url) => {
    const metrics = new Metrics({ processMetrics: false });
    const made = new FactRelay({ url, schema, publisher: through, subjects: bus.subjects, logger, metrics });
    cleanUps.push(() => made.stop());
    made.start();
    return made;
  };

  /** Collects what the stream holds, for as long as the test runs. */
  const received: Fact[] = [];
  const reading = new AbortController();
  const done = (async () => {
    for await (const next of readFacts(bus, { filter: bus.subjects.allFacts(), after: 0, signal: reading.signal })) {
      received.push(next.fact);
    }
  })();
  cleanUps.push(() => {
    reading.abort();
    return done;
  });
  return { testDb, database, bus, publisher, relay, received, lines };
}

/** How many facts wait in the outbox. */
export async function outboxSize(database: Database): Promise<number> {
  const [row] = await database.query<{ count: number }>(sql`select count(*) as count from outbox_test.outbox`);
  return row?.count ?? 0;
}
