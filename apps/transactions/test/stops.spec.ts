import type { StationId } from '@busbar/domain';
import type { CaseView, MeterValueView } from '@busbar/events';
import { sql } from '@busbar/persistence';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Service } from '../src/compose.js';
import { at, batchOf, newStation, readingOf, startOf, stopOf } from './support/reports.js';
import { context, identityOf, start, stop, World } from './support/world.js';

let world: World;
let service: Service;

beforeAll(async () => {
  world = await World.open();
  service = world.replica();
});
afterAll(() => world.close());

async function cases(station: StationId): Promise<CaseView[]> {
  return (await service.queries.cases({ limit: 50, station: identityOf(station) }, context)).items;
}

async function meterValues(id: string | undefined): Promise<MeterValueView[]> {
  return (await service.queries.meterValues({ id: id ?? '' }, context)).items;
}

describe('StopTransaction', () => {
  // Goal: a stop ends its transaction with the exact energy and tells of it.
  it('X-01 X-07 ends the transaction it names; without a token there is no idTokenInfo', async () => {
    const station = newStation();
    const { ocppTransactionId } = await start(service, startOf(station, { meterStart: '1000.125' }));
    expect(
      await stop(service, stopOf(station, ocppTransactionId, { meterStop: '5000.25', reason: 'EVDisconnected' })),
    ).toEqual({});
    expect(await world.shown(service, station)).toMatchObject([
      {
        state: 'ended',
        stoppedAt: at(3_600),
        meterStartWh: 1000.125,
        meterStopWh: 5000.25,
        energyWh: 4000.125,
        stopReason: 'EVDisconnected',
        flags: [],
      },
    ]);
    expect(await world.facts(station)).toMatchObject([
      { type: 'transaction.started' },
      { type: 'transaction.ended', data: { energyWh: 4000.125, state: 'ended' } },
    ]);
  });

  // Goal: binary floating point has no part in a bill.
  it('computes energy exactly', async () => {
    const station = newStation();
    const { ocppTransactionId } = await start(service, startOf(station, { meterStart: '9007199254740993.1' }));
    await stop(service, stopOf(station, ocppTransactionId, { meterStop: '9007199254740993.4' }));
    const rows = await world.rows(sql`select energy_wh from transactions.transaction where station_id = ${station}`);
    expect(rows).toEqual([{ energy_wh: '0.3' }]);
  });

  // Goal: the stop's token is judged for its standing and the station is told; an empty one is none.
  it('X-07 I-08 answers with idTokenInfo only when the stop names a token', async () => {
    world.tokens.set('EXPIRED', { status: 'Expired' });
    const station = newStation();
    const one = await start(service, startOf(station, { idToken: 'EXPIRED' }));
    expect(await stop(service, stopOf(station, one.ocppTransactionId, { idToken: 'expired' }))).toEqual({
      idTokenInfo: { status: 'Expired' },
    });
    const two = await start(service, startOf(station, { evseId: 2 }));
    expect(await stop(service, stopOf(station, two.ocppTransactionId, { idToken: '' }))).toEqual({});
  });

  // Goal: nobody could judge the token; a station is told nothing rather than something invented.
  it('I-07 says nothing about a token that nobody judged', async () => {
    const station = newStation();
    const hasty = world.replica({ settings: { authorizationTimeoutMs: 100 } });
    const { ocppTransactionId } = await start(service, startOf(station));
    world.authorizationAnswers = false;
    const answer = await stop(hasty, stopOf(station, ocppTransactionId, { idToken: 'TAG-9' })).finally(() => {
      world.authorizationAnswers = true;
    });
    expect(answer).toEqual({});
    expect(await world.shown(service, station)).toMatchObject([{ state: 'ended', flags: [] }]);
  });

  // Goal: who stops it is recorded; another group's token is flagged, the group's own is not.
  it('I-08 flags a stop with a token of another group', async () => {
    world.tokens.set('FAMILY-1', { group: 'FAMILY' });
    world.tokens.set('FAMILY-2', { group: 'family' });
    const station = newStation();
    const one = await start(service, startOf(station, { idToken: 'FAMILY-1' }));
    await stop(service, stopOf(station, one.ocppTransactionId, { idToken: 'FAMILY-2' }));
    const two = await start(service, startOf(station, { evseId: 2, idToken: 'FAMILY-1' }));
    await stop(service, stopOf(station, two.ocppTransactionId, { idToken: 'STRANGER' }));
    expect((await world.shown(service, station)).map(({ flags }) => flags)).toEqual([[], ['foreign-token-stop']]);
  });

  // Goal: a repeat, on any replica, under any message id, gets the first answer and changes nothing.
  it('X-06 answers a repeat alike and changes nothing', async () => {
    const station = newStation();
    const { ocppTransactionId } = await start(service, startOf(station));
    const reading = readingOf(at(3_600), '5000');
    const report = stopOf(station, ocppTransactionId, { idToken: 'TAG-1', messageId: 'a', readings: [reading] });
    const answer = await stop(service, report);
    expect(answer).toEqual({ idTokenInfo: { status: 'Accepted' } });
    const before = await world.shown(service, station);
    world.tokens.set('TAG-1', { status: 'Blocked' });
    const repeat = { ...report, source: { ...report.source, messageId: 'b' }, receivedAt: at(9_000) };
    expect(await stop(world.replica(), repeat)).toEqual(answer);
    world.tokens.delete('TAG-1');
    expect(await world.shown(service, station)).toEqual(before);
    expect(await world.count('reading', station)).toBe(1);
    expect(await world.count('suspect_event', station)).toBe(0);
    expect(await world.facts(station)).toHaveLength(2);
  });

  // Goal: a second stop that says something else is kept beside the first, once, and flagged; the first stands.
  it('X-06 keeps a contradiction as a suspect event and flags it', async () => {
    const station = newStation();
    const { ocppTransactionId } = await start(service, startOf(station));
    await stop(service, stopOf(station, ocppTransactionId));
    const other = stopOf(station, ocppTransactionId, { meterStop: '6000', reason: 'Reboot' });
    expect(await stop(service, other)).toEqual({});
    expect(await stop(service, other)).toEqual({});
    expect(await world.shown(service, station)).toMatchObject([
      { meterStopWh: 5000, energyWh: 4000, stopReason: 'Local', flags: ['conflicting-stop'] },
    ]);
    const events = await world.rows(
      sql`select kind, said from transactions.suspect_event where station_id = ${station}`,
    );
    expect(events).toMatchObject([{ kind: 'conflicting-stop', said: { meterStopText: '6000', stopReason: 'Reboot' } }]);
    expect((await world.facts(station)).map(({ type }) => type)).toEqual([
      'transaction.started',
      'transaction.ended',
      'transaction.updated',
    ]);
  });

  // Goal: an odd word is the station's own word.
  it('X-08 keeps an unknown reason as it came', async () => {
    const station = newStation();
    const { ocppTransactionId } = await start(service, startOf(station));
    await stop(service, stopOf(station, ocppTransactionId, { reason: 'emergencystop ' }));
    expect(await world.shown(service, station)).toMatchObject([{ stopReason: 'emergencystop ' }]);
  });

  // Goal: a clock that went back is kept, flagged and made a case; the energy does not suffer.
  it('X-09 flags a stop before its start', async () => {
    const station = newStation();
    const { ocppTransactionId } = await start(service, startOf(station));
    await stop(service, stopOf(station, ocppTransactionId, { timestamp: at(-600) }));
    expect(await world.shown(service, station)).toMatchObject([
      { stoppedAt: at(-600), energyWh: 4000, flags: ['clock-suspect'] },
    ]);
    expect(await cases(station)).toMatchObject([{ kind: 'clock', state: 'open' }]);
  });

  // Goal: energy is never negative; it is unknown, flagged, and a person gets the evidence.
  it('X-10 books no negative energy', async () => {
    const station = newStation();
    const { ocppTransactionId } = await start(service, startOf(station, { meterStart: '999500' }));
    const reading = readingOf(at(1_800), '999900');
    await stop(service, stopOf(station, ocppTransactionId, { meterStop: '700', readings: [reading] }));
    const [shown] = await world.shown(service, station);
    expect(shown).toMatchObject({ energyWh: null, meterStopWh: 700, flags: ['meter-decreased'] });
    expect(await cases(station)).toMatchObject([
      { kind: 'meter', transaction: shown?.id, evidence: { rollover: [{ registerWh: '1000000', energyWh: '1200' }] } },
    ]);
  });

  // Goal: a stop without a number still ends the transaction.
  it('X-10 takes a meterStop that is no number', async () => {
    const station = newStation();
    const { ocppTransactionId } = await start(service, startOf(station));
    await stop(service, stopOf(station, ocppTransactionId, { meterStop: null }));
    expect(await world.shown(service, station)).toMatchObject([
      { state: 'ended', energyWh: null, meterStopWh: null, flags: ['meter-implausible'] },
    ]);
  });

  // Goal: samples that come in the stop are readings like others.
  it('X-11 stores the readings of a stop and shows every value once', async () => {
    const station = newStation();
    const { ocppTransactionId } = await start(service, startOf(station));
    const both = readingOf(at(600), '2000', [
      { measurand: 'Energy.Active.Import.Register', value: '2000', unit: 'Wh' },
      { measurand: 'Power.Active.Import', value: '7000', unit: 'W' },
    ]);
    const energyOnly = readingOf(at(600), '2000');
    await stop(
      service,
      stopOf(station, ocppTransactionId, { readings: [both, energyOnly, readingOf(at(3_600), '5000')] }),
    );
    const [shown] = await world.shown(service, station);
    const values = await meterValues(shown?.id);
    expect(values.map(({ sampledAt, samples }) => [sampledAt, samples.map(({ measurand }) => measurand)])).toEqual([
      [at(600), ['Energy.Active.Import.Register', 'Power.Active.Import']],
      [at(3_600), ['Energy.Active.Import.Register']],
    ]);
  });

  // Goal: the stop of a superseded transaction is taken when it comes, and its case ends.
  it('X-14 S-11 ends a superseded transaction when its stop comes', async () => {
    const station = newStation();
    const one = await start(service, startOf(station));
    await start(service, startOf(station, { timestamp: at(600), meterStart: '3000' }));
    await stop(service, stopOf(station, one.ocppTransactionId, { timestamp: at(500), meterStop: '3000' }));
    const [older] = await world.shown(service, station);
    expect(older).toMatchObject({ state: 'ended', energyWh: 2000, flags: ['superseded'] });
    expect(await cases(station)).toMatchObject([
      { kind: 'stop-missing', state: 'resolved', resolvedBy: 'busbar', resolution: 'the stop came' },
    ]);
  });

  // Goal: two sessions on one connector at one time cannot both be right; a person looks.
  it('S-11 opens a case when a late stop overlaps the next session', async () => {
    const station = newStation();
    const one = await start(service, startOf(station));
    await start(service, startOf(station, { timestamp: at(600), meterStart: '3000' }));
    await stop(service, stopOf(station, one.ocppTransactionId, { timestamp: at(900) }));
    expect((await cases(station)).map(({ kind, state }) => [kind, state])).toEqual([
      ['overlap', 'open'],
      ['stop-missing', 'resolved'],
    ]);
  });
});

describe('orphan stops', () => {
  const odd = ['-1', '0', '', 'null', '9223372036854775807', 'abc', '2147483647', '1e3', ' 7'];

  // Goal: whatever stands for the id, the stop is answered and kept, with its readings, and nothing is closed.
  it.each(odd)('X-02 X-04 keeps a stop with the id %j and answers it', async (id) => {
    const station = newStation();
    await start(service, startOf(station));
    const report = stopOf(station, id, { idToken: 'OTHER', readings: [readingOf(at(3_600), '5000')] });
    expect(await stop(service, report)).toEqual({ idTokenInfo: { status: 'Accepted' } });
    expect(await stop(service, { ...report, source: { ...report.source, messageId: 'repeat' } })).toEqual({
      idTokenInfo: { status: 'Accepted' },
    });
    expect(await world.count('orphan_stop', station)).toBe(1);
    expect(await world.shown(service, station)).toMatchObject([{ state: 'active', flags: [] }]);
    expect(await cases(station)).toMatchObject([
      { kind: 'orphan-stop', transaction: null, state: 'open', evidence: { ocppTransactionId: id } },
    ]);
  });

  // Goal: an id is its digits; what only computes to it is unknown.
  it.each([(id: number) => `${id}e0`, (id: number) => ` ${id}`, (id: number) => `0x${id.toString(16)}`])(
    'X-04 takes no other spelling for the id (%#)',
    async (spell) => {
      const station = newStation();
      const { ocppTransactionId } = await start(service, startOf(station));
      await stop(service, stopOf(station, spell(ocppTransactionId)));
      expect(await world.shown(service, station)).toMatchObject([{ state: 'active' }]);
      expect(await world.count('orphan_stop', station)).toBe(1);
    },
  );

  // Goal: ids can be guessed; another station's transaction is never touched.
  it("X-05 never ends another station's transaction", async () => {
    const victim = newStation();
    const { ocppTransactionId } = await start(service, startOf(victim));
    const attacker = newStation();
    await stop(service, stopOf(attacker, ocppTransactionId, { idToken: 'TAG-1' }));
    expect(await world.shown(service, victim)).toMatchObject([{ state: 'active' }]);
    expect(await world.count('orphan_stop', attacker)).toBe(1);
  });

  // Goal: exactly one open transaction fits, so the stop is its stop; the repeat changes nothing.
  it('X-03 joins a stop with -1 to the only transaction that fits', async () => {
    const station = newStation();
    await start(service, startOf(station, { evseId: 1, idToken: 'OTHER' }));
    await start(service, startOf(station, { evseId: 2, idToken: 'Tag-2', meterStart: '4000' }));
    const report = stopOf(station, -1, { idToken: 'TAG-2', readings: [readingOf(at(1_800), '4500')] });
    await stop(service, report);
    await stop(service, { ...report, source: { ...report.source, messageId: 'again' } });
    const [other, joined] = await world.shown(service, station);
    expect(other).toMatchObject({ state: 'active', flags: [] });
    expect(joined).toMatchObject({ state: 'ended', energyWh: 1000, stopReason: 'Local', flags: ['orphan-matched'] });
    expect(await meterValues(joined?.id)).toMatchObject([{ sampledAt: at(1_800) }]);
    expect(await cases(station)).toEqual([]);
    expect((await world.facts(station)).map(({ type }) => type)).toEqual([
      'transaction.started',
      'transaction.started',
      'transaction.ended',
    ]);
  });

  // Goal: what could be either, or neither, is not guessed.
  it.each([
    ['two fit', [{ evseId: 1 }, { evseId: 2, timestamp: at(1) }], { idToken: 'TAG-1' }],
    ['the stop is older', [{ timestamp: at(4_000) }], { idToken: 'TAG-1' }],
    ['the meter would go down', [{ meterStart: '9000' }], { idToken: 'TAG-1' }],
    ['it names no token', [{}], {}],
    ['it has no register', [{}], { idToken: 'TAG-1', meterStop: null }],
  ])('X-03 guesses nothing when %s', async (_why, starts, options) => {
    const station = newStation();
    for (const one of starts) await start(service, startOf(station, one));
    await stop(service, stopOf(station, -1, options));
    expect((await world.shown(service, station)).every(({ state }) => state === 'active')).toBe(true);
    expect(await cases(station)).toMatchObject([{ kind: 'orphan-stop', state: 'open' }]);
  });

  // Goal: the stop was faster than its start; when the start comes they are joined and the case ends.
  it('X-03 joins a stop that came before its start', async () => {
    const station = newStation();
    await stop(service, stopOf(station, -1, { idToken: 'TAG-1' }));
    const answer = await start(service, startOf(station));
    expect(answer.idTokenInfo.status).toBe('Accepted');
    expect(await world.shown(service, station)).toMatchObject([
      { state: 'ended', energyWh: 4000, flags: ['orphan-matched'] },
    ]);
    const [shown] = await world.shown(service, station);
    expect(await cases(station)).toMatchObject([{ kind: 'orphan-stop', state: 'resolved', transaction: shown?.id }]);
  });

  // Goal: start and stop of an offline session in one batch, the id not yet known to the station.
  it('X-03 S-09 joins start and stop of one batch', async () => {
    const station = newStation();
    const receipts = await service.intake.answer(batchOf(startOf(station), stopOf(station, -1, { idToken: 'TAG-1' })));
    expect(receipts).toEqual([
      { answer: { ocppTransactionId: expect.any(Number), idTokenInfo: { status: 'Accepted' } } },
      { answer: { idTokenInfo: { status: 'Accepted' } } },
    ]);
    expect(await world.shown(service, station)).toMatchObject([{ state: 'ended', flags: ['orphan-matched'] }]);
  });

  // Goal: the transaction's own stop is right where the rule was wrong; the orphan waits for a person again.
  it('X-03 gives way to the stop that names its transaction', async () => {
    const station = newStation();
    const { ocppTransactionId } = await start(service, startOf(station));
    await stop(service, stopOf(station, -1, { idToken: 'TAG-1', timestamp: at(60), meterStop: '1100' }));
    await stop(service, stopOf(station, ocppTransactionId, { idToken: 'TAG-1' }));
    expect(await world.shown(service, station)).toMatchObject([{ state: 'ended', energyWh: 4000, flags: [] }]);
    expect(await cases(station)).toMatchObject([{ kind: 'orphan-stop', state: 'open' }]);
  });

  // Goal: the very same stop, said again with its id, frees no orphan.
  it('X-03 takes the same stop with its id for the same', async () => {
    const station = newStation();
    const { ocppTransactionId } = await start(service, startOf(station));
    await stop(service, stopOf(station, -1, { idToken: 'TAG-1' }));
    await stop(service, stopOf(station, ocppTransactionId, { idToken: 'TAG-1' }));
    expect(await world.shown(service, station)).toMatchObject([{ state: 'ended', energyWh: 4000, flags: [] }]);
    expect(await cases(station)).toEqual([]);
  });
});
