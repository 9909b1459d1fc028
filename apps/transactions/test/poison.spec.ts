import type { StationId } from '@busbar/domain';
import type { Reading, Report } from '@busbar/events';
import { sql } from '@busbar/persistence';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Service } from '../src/compose.js';
import { at, batchOf, meterOf, newStation, readingOf, startOf, stopOf } from './support/reports.js';
import { context, identityOf, send, start, stop, World } from './support/world.js';

let world: World;
let service: Service;

// Each test has a service of its own, because a service remembers how much poison it has had.
beforeEach(async () => {
  world = await World.open();
  service = world.replica();
});
afterEach(() => world.close());

const nul = '\u0000';

interface Quarantined {
  report_type: string;
  report: Buffer;
  error_code: string;
  sql_state: string;
  transaction_id: string | null;
}

function quarantined(station: StationId): Promise<Quarantined[]> {
  return world.rows(sql`select * from transactions.quarantine where station_id = ${station} order by id`);
}

async function cases(station: StationId) {
  return (await service.queries.cases({ limit: 50, station: identityOf(station) }, context)).items;
}

/** A reading whose samples are this JSON text. */
function samplesOf(text: string): Reading {
  return { ...readingOf(at(60), '1'), samples: text };
}

const poisons: [string, Reading][] = [
  ['NUL in the context', { ...readingOf(at(60), '1'), context: `x${nul}` }],
  ['two hundred thousand levels', samplesOf(`${'['.repeat(200_000)}${']'.repeat(200_000)}`)],
  ['no JSON at all', samplesOf('[{"measurand":')],
  ['a number that is none', { ...readingOf(at(60), '1'), energyWh: 'NaN-like' }],
  ['a year beyond all calendars', { ...readingOf(at(60), '1'), sampledAt: '+999999-01-01T00:00:00.000Z' }],
];

describe('poison among readings', () => {
  // Goal: one bad row among two hundred is found, kept and answered; the others are stored, and quickly.
  it.each(poisons)('keeps only the bad row out: %s', async (_name, bad) => {
    const station = newStation();
    const good = Array.from({ length: 199 }, (_, n) => meterOf(station, [readingOf(at(n), String(n))]));
    const report = meterOf(station, [bad], { ocppTransactionId: 7 });
    const receipts = await service.intake.answer(batchOf(...good.slice(0, 77), report, ...good.slice(77)));
    expect(receipts).toEqual(Array.from({ length: 200 }, () => ({ answer: {} })));
    expect(await world.count('reading', station)).toBe(199);
    const [kept, ...more] = await quarantined(station);
    expect(more).toEqual([]);
    expect(kept).toMatchObject({ report_type: 'meter.sampled', error_code: 'poison', transaction_id: null });
    expect(JSON.parse(kept?.report.toString() ?? '')).toEqual({
      type: 'meter.sampled',
      evseId: 1,
      connectorId: 1,
      data: report.data,
    });
    expect(await cases(station)).toMatchObject([{ kind: 'quarantine', state: 'open' }]);
  });

  // Goal: one bad reading of a message does not cost the others of the same message.
  it('V-05 keeps the good readings of a message with a bad one', async () => {
    const station = newStation();
    const [, bad] = poisons[0] ?? failing();
    const report = meterOf(station, [readingOf(at(1), '1'), bad, readingOf(at(2), '2')]);
    expect(await send(service, report)).toEqual({ answer: {} });
    expect(await world.count('reading', station)).toBe(2);
    expect(await quarantined(station)).toHaveLength(1);
  });

  // Goal: the message comes again; it is kept once, answered again, and no second case is opened.
  it('keeps a poisonous message once', async () => {
    const station = newStation();
    const [, bad] = poisons[0] ?? failing();
    const report = meterOf(station, [bad]);
    expect(await send(service, report)).toEqual({ answer: {} });
    const again = { ...report, receivedAt: at(99), source: { ...report.source, messageId: 'again' } };
    expect(await send(world.replica(), again)).toEqual({ answer: {} });
    expect(await quarantined(station)).toHaveLength(1);
    expect(await cases(station)).toHaveLength(1);
  });

  // Goal: more than ten a minute is no poison but an outage: nothing is answered, and nothing goes to quarantine.
  it('takes the eleventh poison within a minute for an outage', async () => {
    const [, bad] = poisons[0] ?? failing();
    const stations = Array.from({ length: 11 }, newStation);
    for (const station of stations.slice(0, 10)) {
      expect(await send(service, meterOf(station, [bad]))).toEqual({ answer: {} });
    }
    const [last = failing()] = stations.slice(10);
    await expect(send(service, meterOf(last, [bad]))).rejects.toMatchObject({ code: 'poison-flood' });
    expect(await quarantined(last)).toEqual([]);
    // Good readings beside it are still stored and answered.
    const good = meterOf(last, [readingOf(at(1), '1')]);
    expect(await service.intake.answer(batchOf(good, meterOf(last, [bad])))).toEqual([
      { answer: {} },
      { again: 'poison-flood' },
    ]);
  });
});

describe('poison in starts and stops', () => {
  const starts: [string, (report: Report<'transaction.started'>) => Report<'transaction.started'>][] = [
    ['NUL in the token', (report) => ({ ...report, data: { ...report.data, idToken: `TAG${nul}1` } })],
    [
      'NUL in the time',
      (report) => ({ ...report, data: { ...report.data, key: { ...report.data.key, timestampText: `${nul}` } } }),
    ],
    ['a time beyond all calendars', (report) => ({ ...report, occurredAt: '+275760-09-13T00:00:00.001Z' })],
    ['a connector beyond 32 bits', (report) => ({ ...report, evseId: 3_000_000_000 })],
  ];

  // Goal: whatever is in it, a start has a transaction and an id, the same for its repeat.
  it.each(starts)('S-01 records a start that Postgres refuses: %s', async (_name, spoil) => {
    const station = newStation();
    const report = spoil(startOf(station));
    const answer = await start(service, report);
    expect(answer).toEqual({ ocppTransactionId: expect.any(Number), idTokenInfo: { status: 'Accepted' } });
    expect(await start(world.replica(), { ...report, source: { ...report.source, messageId: 'b' } })).toEqual(answer);
    const [shown, ...more] = await world.shown(service, station);
    expect(more).toEqual([]);
    expect(shown?.flags).toContain('quarantined');
    const kept = await quarantined(station);
    expect(kept).toMatchObject([{ report_type: 'transaction.started', transaction_id: shown?.id }]);
    expect(JSON.parse(kept[0]?.report.toString() ?? '')).toMatchObject({ data: report.data });
    expect(await cases(station)).toMatchObject([{ kind: 'quarantine', transaction: shown?.id }]);
    await stop(service, stopOf(station, answer.ocppTransactionId));
    expect(await world.shown(service, station)).toMatchObject([{ state: 'ended' }]);
  });

  // Goal: bad readings inside a stop do not keep the transaction open; the good ones are stored.
  it('X-01 ends a transaction whose stop holds poison', async () => {
    const station = newStation();
    const { ocppTransactionId } = await start(service, startOf(station));
    const [, bad] = poisons[0] ?? failing();
    const report = stopOf(station, ocppTransactionId, { idToken: 'TAG-1', readings: [readingOf(at(1), '1'), bad] });
    expect(await stop(service, report)).toEqual({ idTokenInfo: { status: 'Accepted' } });
    expect(await stop(service, report)).toEqual({ idTokenInfo: { status: 'Accepted' } });
    expect(await world.shown(service, station)).toMatchObject([
      { state: 'ended', energyWh: 4000, flags: ['quarantined'] },
    ]);
    expect(await world.count('reading', station)).toBe(1);
    expect(await quarantined(station)).toHaveLength(1);
  });

  // Goal: readings that no check of ours sees through cost the readings, not the stop.
  it('X-01 ends a transaction even when its readings cannot be saved', async () => {
    const station = newStation();
    const { ocppTransactionId } = await start(service, startOf(station));
    const [, deep] = poisons[2] ?? failing();
    expect(await stop(service, stopOf(station, ocppTransactionId, { readings: [deep] }))).toEqual({});
    expect(await world.shown(service, station)).toMatchObject([{ state: 'ended', flags: ['quarantined'] }]);
    expect(await world.count('reading', station)).toBe(0);
    expect(await quarantined(station)).toHaveLength(1);
  });

  // Goal: an orphan that Postgres refuses is answered, kept whole, and made a case.
  it('X-02 keeps a poisonous orphan', async () => {
    const station = newStation();
    expect(await stop(service, stopOf(station, `-1${nul}`))).toEqual({});
    expect(await quarantined(station)).toHaveLength(1);
    expect((await cases(station)).map(({ kind }) => kind).sort()).toEqual(['orphan-stop', 'quarantine']);
  });

  // Beyond what an index takes; no number at all: neither is what Postgres calls the data's fault.
  const faults: [string, string, Parameters<typeof startOf>[1]][] = [
    ['54000', 'a token of 12 KB', { idToken: Array.from({ length: 4_000 }, (_, n) => n.toString(36)).join('') }],
    ['', 'a register that is no number', { meterStart: 'many' }],
  ];

  // Goal: a fault that strikes one report alone again and again ends in quarantine the third time.
  it.each(faults)('gives up on a report that has failed alone three times (%s): %s', async (state, _name, options) => {
    const station = newStation();
    const report = startOf(station, options);
    expect(await send(service, report)).toEqual({ again: 'failed' });
    expect(await send(service, report)).toEqual({ again: 'failed' });
    expect(await start(service, report)).toMatchObject({ idTokenInfo: { status: 'Accepted' } });
    expect(await world.shown(service, station)).toMatchObject([{ flags: ['quarantined'] }]);
    expect(await quarantined(station)).toMatchObject([
      { error_code: 'failed', sql_state: state === '' ? null : state },
    ]);
  });
});

function failing(): never {
  throw new Error('a list is shorter than expected');
}
