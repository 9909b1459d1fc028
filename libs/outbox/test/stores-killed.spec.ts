import { startStores, waitUntil } from '@busbar/testing';
import { expect, it } from 'vitest';
import { recordFacts } from '../src/index.js';
import { fact, outboxFixture, outboxSize, schema, stations } from './outbox-fixture.js';

// Either store may be killed while facts wait: all of them arrive, in order, and nobody has to do anything.
it('relays every fact although both stores are killed on the way', { timeout: 120_000 }, async (test) => {
  const { stores, stop } = await startStores('postgres', 'nats');
  // The fixture's own clean-up comes first, while the stores are there.
  test.onTestFinished(stop);
  const { database, relay, received } = await outboxFixture({
    postgresUrl: stores.postgres.url,
    natsUrl: stores.nats.url,
  });
  relay();
  relay();
  const [one, two] = stations(2);
  const sent: number[] = [];
  const record = async (from: number, to: number) => {
    const numbers = Array.from({ length: to - from }, (_, index) => from + index);
    await database.transaction(async (tx) => {
      for (const number of numbers) await recordFacts(tx, schema, [fact(one, { number }), fact(two, { number })]);
    });
    sent.push(...numbers);
  };
  const numbersOf = (station: string | undefined) => {
    const all = received.filter((each) => each.station === station).map(({ data }) => data['number']);
    return all.filter((number, index) => all.indexOf(number) === index);
  };
  const arrived = () => numbersOf(one).length === sent.length && numbersOf(two).length === sent.length;

  await record(0, 50);
  await waitUntil('the first facts are out', arrived);

  await stores.nats.kill();
  await record(50, 100);
  expect(await outboxSize(database)).toBeGreaterThanOrEqual(100);
  await stores.nats.start();
  await waitUntil('facts are out after NATS came back', arrived, { timeoutMs: 30_000 });

  await stores.nats.kill();
  await record(100, 150);
  await stores.postgres.kill();
  await stores.nats.start();
  await stores.postgres.start();
  await waitUntil('Postgres takes facts again', () => record(150, 200).then(() => true), { timeoutMs: 30_000 });
  await waitUntil('facts are out after both came back', arrived, { timeoutMs: 30_000 });

  expect(numbersOf(one)).toEqual(sent);
  expect(numbersOf(two)).toEqual(sent);
});
