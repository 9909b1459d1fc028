import type { ReceiptBatch, Report, TransactionView } from '@busbar/events';
import { transactionOperations } from '@busbar/events';
import { readFacts } from '@busbar/messaging';
import { sql } from '@busbar/persistence';
import { type RunningApp, startApp } from '@busbar/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { at, batchOf, meterOf, newStation, readingOf, startOf, stopOf, tenant } from './support/reports.js';
import { context, identityOf, World } from './support/world.js';

let world: World;
const running: RunningApp[] = [];

beforeEach(async () => {
  world = await World.open();
});
afterEach(async () => {
  for (const app of running.splice(0)) await app.kill();
  await world.close();
});

async function replica(fault = '', environment = 'development'): Promise<RunningApp> {
  const app = await startApp('transactions', {
    BUSBAR_POSTGRES_URL: world.store.url,
    BUSBAR_NATS_URL: world.testBus.url,
    BUSBAR_PREFIX: world.testBus.prefix,
    BUSBAR_ENVIRONMENT: environment,
    BUSBAR_FAULT: fault,
    BUSBAR_FACTS_BYTES_MAX: '10000000',
    BUSBAR_READINGS_BYTES_MAX: '10000000',
    BUSBAR_FRAMES_BYTES_MAX: '10000000',
  });
  running.push(app);
  return app;
}

/** Sends a batch as a gateway does; undefined when nobody answers. */
async function ask(...reports: Report[]): Promise<ReceiptBatch | undefined> {
  const { bus } = world.testBus;
  try {
    return await bus.request<ReceiptBatch>(bus.subjects.reports('transactions'), batchOf(...reports), {
      timeoutMs: 5_000,
    });
  } catch {
    // Nobody answered in time, or the replica died: what a gateway would see as well.
    return undefined;
  }
}

describe('the service as a process', () => {
  // Goal: the whole way, over the bus: batch in, receipts out, operation asked, facts relayed, stopped without a trace.
  it('answers reports and operations and relays facts', async () => {
    const app = await replica();
    const station = newStation();
    const batch = await ask(startOf(station), meterOf(station, [readingOf(at(60), '1500')]));
    expect(batch?.receipts).toEqual([
      { answer: { ocppTransactionId: expect.any(Number), idTokenInfo: { status: 'Accepted' } } },
      { answer: {} },
    ]);
    expect((await ask())?.receipts).toEqual([]);
    const { bus } = world.testBus;
    const page = await bus.ask(transactionOperations.list, { limit: 5, station: identityOf(station) }, context);
    expect(page.items).toMatchObject([
      { station: identityOf(station), energyWh: 500 } satisfies Partial<TransactionView>,
    ]);
    await expect(bus.ask(transactionOperations.get, { id: 'x' }, context)).rejects.toMatchObject({
      problem: { status: 404, code: 'transaction-unknown' },
    });
    const giveUp = AbortSignal.timeout(10_000);
    const filter = bus.subjects.facts(tenant, station, '>');
    for await (const { fact } of readFacts(bus, { filter, after: 0, signal: giveUp })) {
      expect(fact).toMatchObject({ type: 'transaction.started', station, stationIdentity: identityOf(station) });
      break;
    }
    expect(await app.stop()).toMatchObject({ code: 0 });
  });

  const faults = ['after-insert', 'after-commit'] as const;

  // Goal: a replica dies at the worst moment; what it had not committed comes again, what it had is found again.
  it.each(faults)('X-06 S-05: killed %s, another replica gives the one true answer', async (fault) => {
    const station = newStation();
    const doomed = await replica(fault);
    const report = startOf(station);
    expect(await ask(report)).toBeUndefined();
    expect(await doomed.exit).toMatchObject({ signal: 'SIGKILL' });
    expect(await world.count('transaction', station)).toBe(fault === 'after-commit' ? 1 : 0);
    await replica();
    const batch = await ask({ ...report, source: { ...report.source, messageId: 'again' } });
    const [row] = await world.rows<{ ocpp_transaction_id: number }>(
      sql`select ocpp_transaction_id from transactions.transaction where station_id = ${station}`,
    );
    expect(batch?.receipts).toEqual([
      { answer: { ocppTransactionId: row?.ocpp_transaction_id, idTokenInfo: { status: 'Accepted' } } },
    ]);
    expect(await world.count('transaction', station)).toBe(1);
  });

  // Goal: the same for readings.
  it.each(faults)('V-11: killed %s, readings are neither lost nor doubled', async (fault) => {
    const station = newStation();
    const doomed = await replica(fault);
    const reports = Array.from({ length: 30 }, (_, n) => meterOf(station, [readingOf(at(n), String(n))]));
    expect(await ask(...reports)).toBeUndefined();
    await doomed.exit;
    await replica();
    expect((await ask(...reports))?.receipts).toHaveLength(30);
    expect(await world.count('reading', station)).toBe(30);
  });

  // Goal: the same for stops.
  it.each(faults)('X-06: killed %s, a stop ends its transaction once', async (fault) => {
    const station = newStation();
    const healthy = await replica();
    const started = await ask(startOf(station));
    const [receipt] = started?.receipts ?? [];
    if (!receipt || !('answer' in receipt) || !('ocppTransactionId' in receipt.answer)) throw new Error('no id');
    await healthy.stop();
    const doomed = await replica(fault);
    const report = stopOf(station, receipt.answer.ocppTransactionId, { idToken: 'TAG-1' });
    expect(await ask(report)).toBeUndefined();
    await doomed.exit;
    await replica();
    expect((await ask(report))?.receipts).toEqual([{ answer: { idTokenInfo: { status: 'Accepted' } } }]);
    const rows = await world.rows(
      sql`select state, energy_wh, flags from transactions.transaction where station_id = ${station}`,
    );
    expect(rows).toEqual([{ state: 'ended', energy_wh: '4000', flags: [] }]);
  });

  // Goal: a switch that kills does not exist in production, and a word that names no point stops the start.
  it.each([
    ['after-insert', 'production'],
    ['before-lunch', 'development'],
  ])('refuses the fault %s in %s', async (fault, environment) => {
    await expect(replica(fault, environment)).rejects.toThrow(/BUSBAR_FAULT/);
  });
});
