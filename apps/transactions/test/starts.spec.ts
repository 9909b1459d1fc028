import { sql } from '@busbar/persistence';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Service } from '../src/compose.js';
import { at, newStation, noon, startOf, stopOf, tenant } from './support/reports.js';
import { context, identityOf, start, stop, World } from './support/world.js';

let world: World;
let service: Service;

beforeAll(async () => {
  world = await World.open();
  service = world.replica();
});
afterAll(() => world.close());

describe('StartTransaction', () => {
  // Goal: a start gives a positive id of 32 bits, a decision, a row as it is shown and one fact.
  it('S-01 S-03 is recorded, answered with an id and a decision, and told of', async () => {
    const station = newStation();
    const answer = await start(service, startOf(station));
    expect(answer).toEqual({ ocppTransactionId: expect.any(Number), idTokenInfo: { status: 'Accepted' } });
    expect(answer.ocppTransactionId).toBeGreaterThan(0);
    expect(answer.ocppTransactionId).toBeLessThanOrEqual(2_147_483_647);
    const [shown] = await world.shown(service, station);
    expect(shown).toEqual({
      id: expect.any(String),
      station: identityOf(station),
      evseId: 1,
      connectorId: 1,
      ocppTransactionId: answer.ocppTransactionId,
      idToken: 'TAG-1',
      group: null,
      authorization: 'Accepted',
      startedAt: noon,
      stoppedAt: null,
      meterStartWh: 1000,
      meterStopWh: null,
      energyWh: null,
      stopReason: null,
      state: 'active',
      offline: false,
      flags: [],
      reservation: null,
      remoteStartCommandId: null,
      closedBy: null,
    });
    expect(await world.facts(station)).toMatchObject([
      {
        type: 'transaction.started',
        tenant,
        station,
        stationIdentity: identityOf(station),
        evseId: 1,
        data: { id: shown?.id, ocppTransactionId: answer.ocppTransactionId, idToken: 'TAG-1', state: 'active' },
      },
    ]);
  });

  // Goal: a refused token still gets a record and an id, and the refusal shows.
  it('S-01 S-04 records a refused token, and both of its ends', async () => {
    world.tokens.set('BLOCKED', { status: 'Blocked' });
    const station = newStation();
    const answer = await start(service, startOf(station, { idToken: 'blocked' }));
    expect(answer).toEqual({ ocppTransactionId: expect.any(Number), idTokenInfo: { status: 'Blocked' } });
    expect(await world.shown(service, station)).toMatchObject([
      { authorization: 'Blocked', flags: ['unauthorized'], state: 'active' },
    ]);
    await stop(service, stopOf(station, answer.ocppTransactionId, { reason: 'DeAuthorized', meterStop: '1000' }));
    expect(await world.shown(service, station)).toMatchObject([
      { flags: ['unauthorized'], state: 'ended', stopReason: 'DeAuthorized', energyWh: 0 },
    ]);
  });

  // Goal: whatever message, connection or replica a repeat comes on, nothing is made twice and the answer is the same.
  it('S-05 answers a repeat with the first id and decision, on any replica, in any spelling of the token', async () => {
    world.tokens.set('ONCE', { maxConcurrentTransactions: 1, group: 'FLEET' });
    const station = newStation();
    const first = startOf(station, { idToken: 'Once', messageId: 'a' });
    const answer = await start(service, first);
    const asked = world.asked.length;
    world.tokens.set('ONCE', { status: 'Blocked' });
    const other = world.replica();
    for (const repeat of [
      first,
      { ...first, source: { ...first.source, messageId: 'b' } },
      { ...first, source: { ...first.source, epoch: first.source.epoch + 9e9 }, receivedAt: at(86_400) },
      startOf(station, { idToken: 'ONCE' }),
    ]) {
      expect(await start(other, repeat)).toEqual(answer);
    }
    expect(await world.count('transaction', station)).toBe(1);
    expect(await world.facts(station)).toHaveLength(1);
    // A repeat is not judged again: its first decision stands.
    expect(world.asked).toHaveLength(asked);
  });

  // Goal: the repeat is looked up before the limit is counted; a ConcurrentTx would end the session it repeats.
  it('S-05 does not call a repeat concurrent', async () => {
    world.tokens.set('SINGLE', { maxConcurrentTransactions: 1 });
    const station = newStation();
    const report = startOf(station, { idToken: 'SINGLE' });
    const answer = await start(service, report);
    expect(answer.idTokenInfo.status).toBe('Accepted');
    expect(await start(service, { ...report, source: { ...report.source, messageId: 'again' } })).toEqual(answer);
  });

  // Goal: an old start that comes again does not open what has ended.
  it('S-06 does not reopen a stopped transaction', async () => {
    const station = newStation();
    const report = startOf(station);
    const answer = await start(service, report);
    await stop(service, stopOf(station, answer.ocppTransactionId));
    const before = await world.shown(service, station);
    expect(await start(service, { ...report, source: { ...report.source, messageId: 'late' } })).toEqual(answer);
    expect(await world.shown(service, station)).toEqual(before);
  });

  // Goal: a station without a clock sends one key for each session; they are told apart by what has ended.
  it('S-07 tells sessions of a station without a clock apart', async () => {
    const station = newStation();
    const zero = { timestamp: '1970-01-01T00:00:10.000Z', meterStart: '0', implausibleClock: true };
    const first = await start(service, startOf(station, { ...zero, messageId: '1' }));
    // Still open: the same session, whatever the message id.
    expect(await start(service, startOf(station, { ...zero, messageId: '2' }))).toEqual(first);
    await stop(service, stopOf(station, first.ocppTransactionId, { timestamp: '1970-01-01T01:00:00.000Z' }));
    // Ended, and the very same message: a repeat. Ended, and another message: a new session.
    expect(await start(service, startOf(station, { ...zero, messageId: '1' }))).toEqual(first);
    const second = await start(service, startOf(station, { ...zero, messageId: '3' }));
    expect(second.ocppTransactionId).not.toBe(first.ocppTransactionId);
    expect(await start(service, startOf(station, { ...zero, messageId: '3' }))).toEqual(second);
    expect(await world.shown(service, station)).toMatchObject([
      { flags: ['clock-suspect'], state: 'ended' },
      { flags: ['clock-suspect'], state: 'active' },
    ]);
  });

  // Goal: a repeat under a new message id is remembered, so that it is still known when the session has ended.
  it('S-07 knows every message of a session without a clock', async () => {
    const station = newStation();
    const zero = { timestamp: '1970-01-01T00:00:10.000Z', meterStart: '0', implausibleClock: true };
    const first = await start(service, startOf(station, { ...zero, messageId: '1' }));
    await start(service, startOf(station, { ...zero, messageId: '2' }));
    await stop(service, stopOf(station, first.ocppTransactionId, { timestamp: '1970-01-01T01:00:00.000Z' }));
    expect(await start(service, startOf(station, { ...zero, messageId: '2' }))).toEqual(first);
    expect(await world.count('transaction', station)).toBe(1);
  });

  // Goal: with a sane clock the key alone decides, also when another message says it after the end.
  it('S-07 does not apply to a sane clock', async () => {
    const station = newStation();
    const first = await start(service, startOf(station, { messageId: '1' }));
    await stop(service, stopOf(station, first.ocppTransactionId));
    expect(await start(service, startOf(station, { messageId: '2' }))).toEqual(first);
    expect(await world.count('transaction', station)).toBe(1);
  });

  // Goal: a backlog is recorded like anything else, marked, and judged by today's data.
  it.each([
    ['four hours old', at(-4 * 3_600), true],
    ['two minutes older than the connection', at(-180), true],
    ['as old as the connection', at(-60), false],
    ['ahead of us by a minute', at(61), false],
  ])('S-08 marks a start that is %s: offline %s', async (_age, timestamp, offline) => {
    const station = newStation();
    world.tokens.set('OLD', { status: 'Expired' });
    const answer = await start(service, startOf(station, { idToken: 'old', timestamp }));
    expect(answer.idTokenInfo.status).toBe('Expired');
    expect(await world.shown(service, station)).toMatchObject([{ offline, startedAt: timestamp }]);
  });

  // Goal: a batch that holds a station's whole backlog is recorded in its order.
  it('S-09 keeps the order of a station within a batch', async () => {
    const station = newStation();
    const reports = [0, 1, 2, 3, 4].map((n) =>
      startOf(station, { timestamp: at(n), meterStart: String(1_000 + n), idToken: `T${n}` }),
    );
    await service.intake.answer({ id: 'b', gateway: reports[0]?.source.gateway ?? failing(), reports });
    expect((await world.shown(service, station)).map(({ idToken }) => idToken)).toEqual(['T0', 'T1', 'T2', 'T3', 'T4']);
  });

  // Goal: a connector that does not exist costs nobody his record.
  it.each([0, -1])('S-10 records a start on connector %i and flags it', async (evseId) => {
    const station = newStation();
    await start(service, startOf(station, { evseId }));
    expect(await world.shown(service, station)).toMatchObject([{ evseId, flags: ['connector-unknown'] }]);
  });

  // Goal: the older of two open ones is kept open, marked, and made a case; the newer runs.
  it('S-11 marks the older transaction on a connector and opens a case', async () => {
    const station = newStation();
    await start(service, startOf(station));
    await start(service, startOf(station, { timestamp: at(600), meterStart: '3000' }));
    const [older, newer] = await world.shown(service, station);
    expect(older).toMatchObject({ state: 'active', flags: ['superseded', 'stop-missing'], energyWh: null });
    expect(newer).toMatchObject({ state: 'active', flags: [] });
    expect((await world.facts(station)).map(({ type }) => type)).toEqual([
      'transaction.started',
      'case.opened',
      'transaction.updated',
      'transaction.started',
    ]);
    const { items } = await service.queries.cases({ limit: 10, station: identityOf(station) }, context);
    expect(items).toMatchObject([
      { kind: 'stop-missing', transaction: older?.id, state: 'open', evidence: { supersededBy: newer?.id } },
    ]);
    expect(await service.queries.openByStation(station, context)).toEqual({
      items: [{ evseId: 1, transaction: newer?.id }],
    });
  });

  // Goal: an old start that is replayed late supersedes nothing that began after it.
  it('S-11 goes by the time of the start, not of its arrival', async () => {
    const station = newStation();
    await start(service, startOf(station, { timestamp: at(600) }));
    await start(service, startOf(station, { timestamp: at(0), meterStart: '500' }));
    expect(await world.shown(service, station)).toMatchObject([
      { startedAt: at(600), flags: [] },
      { startedAt: at(0), flags: ['superseded', 'stop-missing'] },
    ]);
  });

  // Goal: connectors do not disturb each other, and connector 0 is none.
  it('S-11 leaves other connectors alone', async () => {
    const station = newStation();
    await start(service, startOf(station, { evseId: 1 }));
    await start(service, startOf(station, { evseId: 2, timestamp: at(1) }));
    await start(service, startOf(station, { evseId: 0, timestamp: at(2) }));
    await start(service, startOf(station, { evseId: 0, timestamp: at(3) }));
    expect((await world.shown(service, station)).map(({ flags }) => flags)).toEqual([
      [],
      [],
      ['connector-unknown'],
      ['connector-unknown'],
    ]);
  });

  // Goal: a reservation is noted and flagged until reservations are matched.
  it('S-13 flags a reservation that is not known; 0 and -1 are none', async () => {
    const station = newStation();
    await start(service, startOf(station, { reservationId: 7 }));
    await start(service, startOf(station, { reservationId: 0, evseId: 2 }));
    await start(service, startOf(station, { reservationId: -1, evseId: 3 }));
    expect((await world.shown(service, station)).map(({ flags }) => flags)).toEqual([['reservation-unknown'], [], []]);
  });

  // Goal: a negative register is stored as it is and flagged.
  it('S-14 flags a meterStart below zero', async () => {
    const station = newStation();
    await start(service, startOf(station, { meterStart: '-5' }));
    expect(await world.shown(service, station)).toMatchObject([{ meterStartWh: -5, flags: ['meter-implausible'] }]);
  });

  // Goal: the sequence comes round to an id that this station has had; another one is taken.
  it('S-03 takes another id when the station has had the next one', async () => {
    const station = newStation();
    const { ocppTransactionId } = await start(service, startOf(station));
    await world.rows(sql`select setval('transactions.ocpp_transaction_id', ${ocppTransactionId}, false)`);
    const second = await start(service, startOf(station, { evseId: 2 }));
    expect(second.ocppTransactionId).toBe(ocppTransactionId + 1);
  });

  // Goal: after the largest id the sequence begins again at 1.
  it('S-03 cycles within 31 bits', async () => {
    const station = newStation();
    await world.rows(sql`select setval('transactions.ocpp_transaction_id', 2147483647, false)`);
    const largest = await start(service, startOf(station));
    const next = await start(service, startOf(station, { evseId: 2 }));
    expect([largest.ocppTransactionId, next.ocppTransactionId]).toEqual([2_147_483_647, 1]);
  });
});

describe('authorization', () => {
  // Goal: when nobody judges, a driver is let in and it shows; never Invalid, which a station would keep.
  it('I-07 accepts and flags a start that nobody judged in time', async () => {
    const station = newStation();
    const hasty = world.replica({ settings: { authorizationTimeoutMs: 100 } });
    world.authorizationAnswers = false;
    const answer = await start(hasty, startOf(station)).finally(() => {
      world.authorizationAnswers = true;
    });
    expect(answer.idTokenInfo).toEqual({ status: 'Accepted' });
    expect(await world.shown(service, station)).toMatchObject([{ flags: ['authorization-unavailable'] }]);
    // The repeat keeps the answer of the first time, although somebody could judge it now.
    world.tokens.set('TAG-1', { status: 'Blocked' });
    expect(await start(service, startOf(station))).toEqual(answer);
    world.tokens.delete('TAG-1');
  });

  // Goal: one question for all of a batch.
  it('S-02 asks for all tokens of a batch at once', async () => {
    const before = world.asked.length;
    const reports = ['A', 'B', 'C'].map((idToken) => startOf(newStation(), { idToken }));
    await service.intake.answer({ id: 'b', gateway: reports[0]?.source.gateway ?? failing(), reports });
    expect(world.asked.slice(before).map(({ idToken, purpose }) => [idToken, purpose])).toEqual([
      ['A', 'start'],
      ['B', 'start'],
      ['C', 'start'],
    ]);
  });
});

function failing(): never {
  throw new Error('a report is missing');
}
