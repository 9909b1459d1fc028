import { sql } from '@busbar/persistence';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Service } from '../src/compose.js';
import { at, batchOf, newStation, startOf, stopOf } from './support/reports.js';
import { answerOf, context, identityOf, type StartAnswer, start, stop, World } from './support/world.js';

let world: World;
let left: Service;
let right: Service;

beforeAll(async () => {
  world = await World.open();
  left = world.replica();
  right = world.replica();
});
afterAll(() => world.close());

describe('concurrency of tokens', () => {
  // Goal: two stations start with one token at the same moment, through two replicas: its limit holds, every time.
  it('S-12 holds the limit for starts at the same moment on two replicas', async () => {
    for (let round = 0; round < 20; round += 1) {
      const idToken = `RACE-${round}`;
      world.tokens.set(idToken, { maxConcurrentTransactions: 1 });
      const answers = await Promise.all([
        start(left, startOf(newStation(), { idToken })),
        start(right, startOf(newStation(), { idToken: idToken.toLowerCase() })),
      ]);
      expect(answers.map(({ idTokenInfo }) => idTokenInfo.status).sort()).toEqual(['Accepted', 'ConcurrentTx']);
    }
  });

  // Goal: a limit of three lets three of ten in, whoever they are.
  it('S-12 lets as many in as the limit says', async () => {
    world.tokens.set('CREW-A', { maxConcurrentTransactions: 3, group: 'CREW' });
    world.tokens.set('CREW-B', { maxConcurrentTransactions: 3, group: 'crew' });
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, n) =>
        start(n % 2 ? left : right, startOf(newStation(), { idToken: n % 3 ? 'CREW-A' : 'CREW-B' })),
      ),
    );
    expect(answers.filter(({ idTokenInfo }) => idTokenInfo.status === 'Accepted')).toHaveLength(3);
  });

  // Goal: the answer was lost and the station repeats on both gateways at once: one transaction, one id, one fact.
  it('S-05 makes one transaction of a start that comes twice at the same moment', async () => {
    world.tokens.set('TWICE', { maxConcurrentTransactions: 1 });
    for (let round = 0; round < 20; round += 1) {
      const station = newStation();
      const report = startOf(station, { idToken: 'TWICE' });
      const again = { ...report, source: { ...report.source, messageId: `other-${round}` } };
      const answers = await Promise.all([
        start(left, report),
        start(right, again),
        start(right, report),
        start(left, again),
      ]);
      const [first] = answers;
      expect(answers).toEqual([first, first, first, first]);
      expect(first?.idTokenInfo.status).toBe('Accepted');
      expect(await world.count('transaction', station)).toBe(1);
      expect(await world.facts(station)).toHaveLength(1);
      await stop(left, stopOf(station, first?.ocppTransactionId ?? 0));
    }
  });

  // Goal: the same for stops: one end, one fact, whoever comes first.
  it('X-06 ends a transaction once when its stop comes twice at the same moment', async () => {
    for (let round = 0; round < 10; round += 1) {
      const station = newStation();
      const { ocppTransactionId } = await start(left, startOf(station));
      const report = stopOf(station, ocppTransactionId, { idToken: 'TAG-1' });
      const answers = await Promise.all([stop(left, report), stop(right, report), stop(right, report)]);
      expect(answers).toEqual([answers[0], answers[0], answers[0]]);
      expect((await world.facts(station)).map(({ type }) => type)).toEqual([
        'transaction.started',
        'transaction.ended',
      ]);
    }
  });

  // Goal: stop and start of an offline session race on two replicas; they end up together either way.
  it('X-03 joins a stop and its start that race', async () => {
    for (let round = 0; round < 20; round += 1) {
      const station = newStation();
      await Promise.all([start(left, startOf(station)), stop(right, stopOf(station, -1, { idToken: 'TAG-1' }))]);
      expect(await world.shown(left, station)).toMatchObject([{ state: 'ended', flags: ['orphan-matched'] }]);
      const { items } = await left.queries.cases({ limit: 5, station: identityOf(station), state: 'open' }, context);
      expect(items).toEqual([]);
    }
  });

  // Goal: what is stale, refused or old news locks nobody out.
  it('S-12 does not count refused, superseded, ended and replayed transactions', async () => {
    world.tokens.set('LONE', { maxConcurrentTransactions: 1 });
    const open = async (options: Parameters<typeof startOf>[1] = {}, station = newStation()) =>
      (await start(left, startOf(station, { idToken: 'LONE', ...options }))).idTokenInfo.status;
    const first = newStation();
    expect(await open({}, first)).toBe('Accepted');
    expect(await open()).toBe('ConcurrentTx');
    // Another start on its connector shows that the first is over.
    await start(left, startOf(first, { idToken: 'OTHER', timestamp: at(60) }));
    // Hours old: neither held to the limit nor counted.
    expect(await open({ timestamp: at(-7_200) })).toBe('Accepted');
    expect(await open()).toBe('Accepted');
    expect(await open()).toBe('ConcurrentTx');
  });

  // Goal: the stop was lost; the same driver at the same connector is not locked out by his own past.
  it('S-12 S-11 does not count what the start itself shows to be over', async () => {
    world.tokens.set('FORGOTTEN', { maxConcurrentTransactions: 1 });
    const station = newStation();
    const begin = async (options: Parameters<typeof startOf>[1], at = station) =>
      (await start(left, startOf(at, { idToken: 'FORGOTTEN', ...options }))).idTokenInfo.status;
    expect(await begin({})).toBe('Accepted');
    expect(await begin({ timestamp: at(60), meterStart: '2000' })).toBe('Accepted');
    expect(await begin({ timestamp: at(90), evseId: 2 })).toBe('ConcurrentTx');
    expect(await begin({}, newStation())).toBe('ConcurrentTx');
  });

  // Goal: one batch with one token on many stations is judged as one by one.
  it('S-12 holds within one batch', async () => {
    world.tokens.set('BATCH', { maxConcurrentTransactions: 2 });
    const reports = Array.from({ length: 6 }, () => startOf(newStation(), { idToken: 'BATCH' }));
    const receipts = await left.intake.answer(batchOf(...reports));
    const accepted = receipts.map((receipt) => answerOf<StartAnswer>(receipt).idTokenInfo.status);
    expect(accepted.filter((status) => status === 'Accepted')).toHaveLength(2);
  });

  // Goal: another tenant's sessions with a token of the same name are none of ours.
  it('S-12 counts within a tenant', async () => {
    world.tokens.set('SHARED', { maxConcurrentTransactions: 1 });
    const ours = startOf(newStation(), { idToken: 'SHARED' });
    const theirs = { ...startOf(newStation(), { idToken: 'SHARED' }), tenant: 'other' as typeof ours.tenant };
    expect((await start(left, ours)).idTokenInfo.status).toBe('Accepted');
    expect((await start(left, theirs)).idTokenInfo.status).toBe('Accepted');
  });

  // Goal: the count comes from the rows, so it is right after any history.
  it('keeps occupies_token in step with what is open', async () => {
    const odd = await world.rows(sql`
      select id from transactions.transaction
       where occupies_token <> (state = 'active' and authorization_status = 'Accepted'
         and not flags @> '{superseded}' and start_received_at - started_at <= interval '10 minutes')`);
    expect(odd).toEqual([]);
  });
});
