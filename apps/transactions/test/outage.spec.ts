import { sql } from '@busbar/persistence';
import { TcpProxy } from '@busbar/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Service } from '../src/compose.js';
import { at, batchOf, meterOf, newStation, readingOf, startOf, stopOf } from './support/reports.js';
import { send, start, stop, World } from './support/world.js';

let world: World;
let proxy: TcpProxy;
/** Reaches Postgres through the proxy. */
let service: Service;
/** Reaches Postgres directly. */
let other: Service;

beforeEach(async () => {
  world = await World.open();
  proxy = await TcpProxy.to(world.store.url);
  service = world.replica({ url: proxy.urlOf(world.store.url) });
  other = world.replica();
});
afterEach(async () => {
  await world.close();
  await proxy.close();
});

/** The COMMIT of a start or stop, not that of anything else: the last thing before it is its fact. */
const commitWithFacts = /closedBy[^]{0,300}COMMIT/;

describe('the connection cut between COMMIT and its reply', () => {
  // Goal: nobody can say whether it was committed, so it is looked up again; one row, one answer.
  it('S-05 answers a start with what was committed', async () => {
    const station = newStation();
    const cut = proxy.cutAfterRequest(commitWithFacts);
    const answer = await start(service, startOf(station));
    await cut;
    expect(await start(other, startOf(station))).toEqual(answer);
    expect(await world.count('transaction', station)).toBe(1);
    expect((await world.facts(station)).map(({ type }) => type)).toEqual(['transaction.started']);
  });

  // Goal: the same for a stop.
  it('X-06 answers a stop with what was committed', async () => {
    const station = newStation();
    const { ocppTransactionId } = await start(other, startOf(station));
    const cut = proxy.cutAfterRequest(commitWithFacts);
    const report = stopOf(station, ocppTransactionId, { idToken: 'TAG-1' });
    const answer = await stop(service, report);
    await cut;
    expect(answer).toEqual({ idTokenInfo: { status: 'Accepted' } });
    expect(await stop(other, report)).toEqual(answer);
    expect((await world.facts(station)).map(({ type }) => type)).toEqual(['transaction.started', 'transaction.ended']);
  });

  // Goal: the same for readings.
  it('V-11 answers readings once they are surely there', async () => {
    const station = newStation();
    const reports = Array.from({ length: 50 }, (_, n) => meterOf(station, [readingOf(at(n), '1')]));
    const cut = proxy.cutAfterRequest(/COMMIT/);
    const receipts = await service.intake.answer(batchOf(...reports));
    await cut;
    expect(receipts.every((receipt) => 'answer' in receipt)).toBe(true);
    expect(await world.count('reading', station)).toBe(50);
  });
});

describe('an outage', () => {
  // Goal: Postgres is away; no reply at all, because any reply would say that the way is open. Then it is back.
  it('answers nothing while Postgres is away and heals by itself', async () => {
    const station = newStation();
    const batch = batchOf(startOf(station), meterOf(station, [readingOf(at(1), '1')]));
    proxy.refuse();
    await expect(service.intake.answer(batch)).rejects.toMatchObject({ code: 'unavailable' });
    await expect(service.intake.answer(batchOf())).rejects.toMatchObject({ code: 'unavailable' });
    expect(await world.count('transaction', station)).toBe(0);
    proxy.pass();
    expect(await service.intake.answer(batchOf())).toEqual([]);
    expect((await service.intake.answer(batch)).every((receipt) => 'answer' in receipt)).toBe(true);
  });

  // Goal: a probe writes and commits; with the table locked it must not succeed.
  it('probes the way to the disk with a real commit', async () => {
    const before = await probedAt();
    expect(await service.intake.answer(batchOf())).toEqual([]);
    expect((await probedAt()).getTime()).toBeGreaterThan(before.getTime());
  });

  // Goal: an outage is not poison: on a server that takes no writes nothing goes to quarantine, however often it comes.
  it('does not take a read-only server for poison', async () => {
    const station = newStation();
    const readOnly = `${world.store.url}%20-c%20default_transaction_read_only%3Don`;
    const standby = world.replica({ url: readOnly });
    const report = meterOf(station, [readingOf(at(1), '1')]);
    for (let attempt = 0; attempt < 4; attempt += 1) {
      await expect(send(standby, report)).rejects.toMatchObject({ code: 'unavailable' });
      await expect(send(standby, startOf(station))).rejects.toMatchObject({ code: 'unavailable' });
    }
    expect(await world.count('quarantine', station)).toBe(0);
    expect(await send(other, report)).toEqual({ answer: {} });
  });

  // Goal: a batch of both lanes of which one part failed is answered part by part.
  it('answers what was committed and sends the rest back', async () => {
    const station = newStation();
    const locked = await lockTransactions();
    const receipts = await other.intake.answer(batchOf(startOf(station), meterOf(station, [readingOf(at(1), '1')])));
    await locked.release();
    expect(receipts).toEqual([{ again: 'timeout' }, { answer: {} }]);
    expect(await start(other, startOf(station))).toMatchObject({ idTokenInfo: { status: 'Accepted' } });
  }, 20_000);
});

async function probedAt(): Promise<Date> {
  const [row] = await world.rows<{ at: Date }>(sql`select at from transactions.commit_probe`);
  return row?.at ?? new Date(0);
}

/** Holds a lock on the transactions until released, in a transaction of its own. */
async function lockTransactions(): Promise<{ release(): Promise<void> }> {
  const { promise: held, resolve: release } = Promise.withResolvers<void>();
  const { promise: taken, resolve: take } = Promise.withResolvers<void>();
  const done = world.admin.transaction(async (tx) => {
    await tx.execute(sql`lock table transactions.transaction in exclusive mode`);
    take();
    await held;
  });
  await taken;
  return {
    release: async () => {
      release();
      await done;
    },
  };
}
