import type { StationId } from '@busbar/domain';
import { openDatabase, sql } from '@busbar/persistence';
import { testLogger, waitUntil } from '@busbar/testing';
import { describe, expect, it } from 'vitest';
import { recordFacts, shardCount, shardOf } from '../src/index.js';
import { fact, outboxFixture, outboxSize, schema, stations } from './outbox-fixture.js';

describe('recordFacts', () => {
  // A fact of a change that was rolled back never happened.
  it('leaves no trace of a transaction that failed', async () => {
    const { database } = await outboxFixture();
    const [station] = stations(1);
    await expect(
      database.transaction(async (tx) => {
        await recordFacts(tx, schema, [fact(station)]);
        throw new Error('no');
      }),
    ).rejects.toThrow('no');
    expect(await outboxSize(database)).toBe(0);
  });

  // A fact that no message can carry would stop its shard for ever; it fails where it is made.
  it('refuses what is too large for the bus', async () => {
    const { database } = await outboxFixture();
    const large = fact(undefined, { text: 'x'.repeat(256 * 1024) });
    await expect(database.transaction((tx) => recordFacts(tx, schema, [large]))).rejects.toMatchObject({
      code: 'fact-too-large',
      retryable: false,
    });
  });

  // Whatever a station wrote into a fact comes out as it was.
  it('keeps any text', async () => {
    const { database, relay, received } = await outboxFixture();
    relay();
    const sent = fact(undefined, { text: 'nul \u0000, quote " \\, half \ud83d, emoji 🔌' });
    await database.transaction((tx) => recordFacts(tx, schema, [sent]));
    await waitUntil('the fact is out', () => received.length === 1);
    expect(received).toEqual([sent]);
  });
});

describe('FactRelay', () => {
  // Facts leave and their rows go away.
  it('publishes and deletes', async () => {
    const { database, relay, received } = await outboxFixture();
    relay();
    const sent = [...stations(20), undefined].map((station) => fact(station));
    await database.transaction((tx) => recordFacts(tx, schema, sent));
    await waitUntil('all facts are out', () => received.length === sent.length);
    expect(received.map(({ id }) => id).sort()).toEqual(sent.map(({ id }) => id).sort());
    await waitUntil('the outbox is empty', async () => (await outboxSize(database)) === 0);
  });

  // Many writers, few stations: the stream must have the order in which the rows were changed, even though facts are
  // recorded before the lock is waited for.
  it('keeps the order of commits per station', async () => {
    const { database, relay, received } = await outboxFixture();
    const all = stations(3);
    for (const station of all) await database.execute(sql`insert into outbox_test.counter values (${station})`);
    relay();
    relay();
    const values = new Map<string, number>();
    const change = (station: StationId) =>
      database.transaction(async (tx) => {
        const [first, second] = [fact(station), fact(station)];
        await recordFacts(tx, schema, [first]);
        const [row] = await tx.query<{ value: number }>(
          sql`update outbox_test.counter set value = value + 2 where station = ${station} returning value`,
        );
        await recordFacts(tx, schema, [second]);
        values.set(first.id, (row?.value ?? 0) - 1);
        values.set(second.id, row?.value ?? 0);
      });
    await Promise.all(Array.from({ length: 300 }, (_, index) => change(all[index % 3] as StationId)));
    await waitUntil('all facts are out', () => received.length === 600, { timeoutMs: 10_000 });
    for (const station of all) {
      const order = received.filter((one) => one.station === station).map(({ id }) => values.get(id));
      expect(order).toEqual(Array.from({ length: 200 }, (_, index) => index + 1));
    }
  });

  // A fact that can't be published holds its shard back and nothing else, and leaves before what follows it.
  it('stops a shard until its fact can be published', async () => {
    const { database, relay, publisher, received, lines } = await outboxFixture();
    const [stuck, other] = differentShards();
    let refuse = true;
    let refused = 0;
    relay({
      publish: async (subject, message, options) => {
        if (refuse && 'station' in message && message.station === stuck) {
          refused += 1;
          throw new Error('not now');
        }
        await publisher.publish(subject, message, options);
      },
    });
    const held = [fact(stuck), fact(stuck), fact(stuck)];
    const free = [fact(other), fact(other)];
    // The first free one shares a batch with those that are refused.
    await database.transaction((tx) => recordFacts(tx, schema, [...held, ...free.slice(0, 1)]));
    await waitUntil('it was refused twice', () => refused >= 2);
    await database.transaction((tx) => recordFacts(tx, schema, free.slice(1)));
    await waitUntil('the other shard goes on', () => received.length === 2);
    expect(received).toEqual(free);
    refuse = false;
    await waitUntil('the shard goes on', () => received.length === 5);
    expect(received.slice(2)).toEqual(held);
    expect(lines.filter((line) => line.includes('can not be published'))).toHaveLength(1);
  });
});

describe('several relays', () => {
  // Each has its share; nobody relays a shard that another holds.
  it('share the shards, and take over from one that stops', async () => {
    const { relay } = await outboxFixture();
    const first = relay();
    await waitUntil('the first has all', () => first.shards.size === shardCount);
    const second = relay();
    const third = relay();
    const three = [first, second, third];
    await waitUntil('all are shared', () => three.every(({ shards }) => shards.size >= 4 && shards.size <= 6));
    await waitUntil(
      'each shard is held',
      () => new Set(three.flatMap(({ shards }) => [...shards])).size === shardCount,
    );
    expect(three.reduce((sum, { shards }) => sum + shards.size, 0)).toBe(shardCount);
    await first.stop();
    await third.stop();
    await waitUntil('the second has all', () => second.shards.size === shardCount);
  });

  // A relay whose connection Postgres cuts loses its shards, comes back by itself, and nothing is lost or reordered.
  it('survive the loss of their connections', async () => {
    const { testDb, database, relay, received } = await outboxFixture();
    const relays = [relay(), relay()];
    await waitUntil('both have shards', () => relays.every(({ shards }) => shards.size === 8));
    const admin = openDatabase({
      url: testDb.adminUrl,
      applicationName: 'killer',
      poolMax: 1,
      logger: testLogger().logger,
    });
    const all = stations(8);
    const sent: string[] = [];
    for (let round = 0; round < 40; round += 1) {
      if (round % 10 === 5) {
        await admin.query(sql`select pg_terminate_backend(pid) from pg_stat_activity
          where application_name = 'busbar-relay-outbox_test' and datname = current_database()`);
      }
      const facts = all.map((station) => fact(station, { round }));
      sent.push(...facts.map(({ id }) => id));
      await database.transaction((tx) => recordFacts(tx, schema, facts));
    }
    await waitUntil('all facts are out', () => new Set(received.map(({ id }) => id)).size === sent.length, {
      timeoutMs: 10_000,
    });
    for (const station of all) {
      const rounds = received.filter((one) => one.station === station).map(({ data }) => data['round']);
      const firsts = rounds.filter((round, index) => rounds.indexOf(round) === index);
      expect(firsts).toEqual(Array.from({ length: 40 }, (_, index) => index));
    }
    await waitUntil('both have shards again', () => relays.every(({ shards }) => shards.size === 8));
    await admin.close();
  });
});

function differentShards(): [StationId, StationId] {
  const [one, ...others] = stations(200);
  const tenant = fact(undefined).tenant;
  const other = others.find(
    (station) => shardOf({ tenant, station }) !== shardOf({ tenant, station: one as StationId }),
  );
  return [one as StationId, other as StationId];
}
