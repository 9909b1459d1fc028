import type { StationId } from '@busbar/domain';
import type { MeterValueView, Report } from '@busbar/events';
import { sql } from '@busbar/persistence';
import { waitUntil } from '@busbar/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { keepPartitions } from '../src/background/partitions.js';
import type { Service } from '../src/compose.js';
import { PostgresReadingStore } from '../src/store/postgres-reading-store.js';
import { at, batchOf, meterOf, newStation, readingOf, registerSample, startOf, stopOf } from './support/reports.js';
import { context, send, start, stop, World } from './support/world.js';

let world: World;
let service: Service;

beforeAll(async () => {
  world = await World.open();
  service = world.replica();
});
afterAll(() => world.close());

async function valuesOf(id: string | undefined): Promise<MeterValueView[]> {
  return (await service.queries.meterValues({ id: id ?? '' }, context)).items;
}

async function running(options: Parameters<typeof startOf>[1] = {}) {
  const station = newStation();
  const { ocppTransactionId } = await start(service, startOf(station, options));
  const [shown] = await world.shown(service, station);
  if (!shown) throw new Error('no transaction');
  return { station, ocppTransactionId, id: shown.id };
}

async function shownEnergy(station: StationId): Promise<(number | null)[]> {
  return (await world.shown(service, station)).map(({ energyWh }) => energyWh);
}

describe('MeterValues', () => {
  // Goal: stored as it came, answered with nothing, shown with the defaults that 1.6 leaves out.
  it('V-01 V-03 stores readings and shows them with the defaults', async () => {
    const { station, ocppTransactionId, id } = await running();
    const samples = [
      { measurand: 'Energy.Active.Import.Register', value: '1500', unit: 'Wh' },
      { measurand: 'Voltage', value: '230.5', unit: 'V', phase: 'L1-N', raw: { value: '230,5' } },
    ];
    const report = meterOf(station, [readingOf(at(60), '1500', samples)], { ocppTransactionId });
    expect(await send(service, report)).toEqual({ answer: {} });
    expect(await valuesOf(id)).toEqual([
      {
        sampledAt: at(60),
        receivedAt: at(60),
        context: 'Sample.Periodic',
        samples: [
          {
            measurand: 'Energy.Active.Import.Register',
            value: 1500,
            unit: 'Wh',
            phase: null,
            location: null,
            context: 'Sample.Periodic',
            format: 'Raw',
            raw: null,
          },
          {
            measurand: 'Voltage',
            value: 230.5,
            unit: 'V',
            phase: 'L1-N',
            location: null,
            context: 'Sample.Periodic',
            format: 'Raw',
            raw: '230,5',
          },
        ],
      },
    ]);
  });

  // Goal: nothing in it, and answered all the same.
  it('V-06 answers a message without readings', async () => {
    const { station, ocppTransactionId } = await running();
    expect(await send(service, meterOf(station, [], { ocppTransactionId }))).toEqual({ answer: {} });
    expect(await world.count('reading', station)).toBe(0);
  });

  // Goal: what was shown as running energy is the latest register less the start's, exactly, and never negative.
  it('shows the energy of a running transaction', async () => {
    const { station, ocppTransactionId } = await running({ meterStart: '1000.5' });
    expect(await shownEnergy(station)).toEqual([null]);
    await send(service, meterOf(station, [readingOf(at(120), '2000.75')], { ocppTransactionId }));
    await send(service, meterOf(station, [readingOf(at(60), '1500')], { ocppTransactionId }));
    expect(await shownEnergy(station)).toEqual([1000.25]);
    await send(service, meterOf(station, [readingOf(at(180), '3')], { ocppTransactionId }));
    expect(await shownEnergy(station)).toEqual([null]);
  });

  // Goal: a message that comes again, in whatever company, adds no row.
  it('V-11 keeps a reading once', async () => {
    const { station, ocppTransactionId } = await running();
    const report = meterOf(station, [readingOf(at(60), '1500'), readingOf(at(120), '1600')], { ocppTransactionId });
    const other = world.replica();
    const receipts = await Promise.all([
      service.intake.answer(batchOf(report, report)),
      other.intake.answer(batchOf(report)),
      send(other, { ...report, receivedAt: at(9_000), source: { ...report.source, messageId: 'again' } }),
    ]);
    expect(receipts).toEqual([[{ answer: {} }, { answer: {} }], [{ answer: {} }], { answer: {} }]);
    expect(await world.count('reading', station)).toBe(2);
  });

  // Goal: two meters cannot both be right, and neither is thrown away.
  it('V-11 keeps and shows different values of one instant', async () => {
    const { station, ocppTransactionId, id } = await running();
    await send(service, meterOf(station, [readingOf(at(60), '1500')], { ocppTransactionId }));
    await send(service, meterOf(station, [readingOf(at(60), '1501')], { ocppTransactionId }));
    const shown = (await valuesOf(id)).map(({ samples }) => samples[0]?.value);
    expect(new Set(shown)).toEqual(new Set([1500, 1501]));
  });

  // Goal: ids that name nothing stay with their connector and are counted to the session that ran there then.
  it.each([['-1'], ['0'], ['99999999999'], ['none'], [undefined]])(
    'V-02 gives readings with the id %s to the transaction that ran on their connector',
    async (named) => {
      const { station, id } = await running({ evseId: 2 });
      const options = named === undefined ? {} : { ocppTransactionId: named };
      await send(service, meterOf(station, [readingOf(at(60), '1500')], { ...options, evseId: 2 }));
      await send(service, meterOf(station, [readingOf(at(61), '7777')], { ...options, evseId: 1 }));
      await send(service, meterOf(station, [readingOf(at(62), '8888')], { ...options, evseId: 0 }));
      await send(service, meterOf(station, [readingOf(at(-60), '900')], { ...options, evseId: 2 }));
      expect((await valuesOf(id)).map(({ sampledAt }) => sampledAt)).toEqual([at(60)]);
      expect(await shownEnergy(station)).toEqual([500]);
      expect(await world.count('reading', station)).toBe(4);
    },
  );

  // Goal: a reading that names a transaction is that one's, whatever else runs, and on whatever connector.
  it('V-02 keeps a reading with the transaction it names', async () => {
    const { station, ocppTransactionId, id } = await running({ evseId: 1 });
    const two = await start(service, startOf(station, { evseId: 2, timestamp: at(1) }));
    await send(service, meterOf(station, [readingOf(at(60), '1500')], { ocppTransactionId, evseId: 2 }));
    const shown = await world.shown(service, station);
    expect((await valuesOf(id)).map(({ sampledAt }) => sampledAt)).toEqual([at(60)]);
    expect(await valuesOf(shown[1]?.id)).toEqual([]);
    expect(two.ocppTransactionId).not.toBe(ocppTransactionId);
  });

  // Goal: the last sample comes after the stop; it is taken and nothing reopens.
  it('X-13 takes readings after the stop', async () => {
    const { station, ocppTransactionId, id } = await running();
    await stop(service, stopOf(station, ocppTransactionId));
    const last = readingOf(at(3_601), '5000', [registerSample('5000', 'Transaction.End')]);
    await send(service, meterOf(station, [last], { ocppTransactionId }));
    expect(await valuesOf(id)).toMatchObject([{ context: 'Transaction.End' }]);
    expect(await world.shown(service, station)).toMatchObject([{ state: 'ended', energyWh: 4000 }]);
  });

  // Goal: signed data goes in and comes out byte for byte.
  it('X-12 keeps signed data as it came', async () => {
    const { station, ocppTransactionId, id } = await running();
    const text = 'OCMF|{"FV" : "1.0","é":"\\u00e9 \t"}|{"SD":"ab=="} ';
    const sample = {
      measurand: 'Energy.Active.Import.Register',
      value: null,
      unit: null,
      format: 'SignedData' as const,
    };
    const reading = readingOf(at(60), null, [{ ...sample, raw: { value: text } }]);
    await send(service, meterOf(station, [reading], { ocppTransactionId }));
    expect(await valuesOf(id)).toMatchObject([{ samples: [{ format: 'SignedData', value: null, raw: text }] }]);
  });

  // Goal: characters that most stores refuse are stored and shown like others.
  it('V-04 keeps NUL and halves of characters in samples', async () => {
    const { station, ocppTransactionId, id } = await running();
    const measurand = 'x\u0000y\ud800';
    const reading = readingOf(at(60), null, [{ measurand, value: null, unit: null, raw: { value: '\u0000' } }]);
    await send(service, meterOf(station, [reading], { ocppTransactionId }));
    expect(await valuesOf(id)).toMatchObject([{ samples: [{ measurand, raw: '\u0000' }] }]);
  });

  // Goal: a time that nobody can read is not part of the key, the station's text is; the repeat adds nothing.
  it('keeps readings whose time nobody can read once, and apart from each other', async () => {
    const { station, ocppTransactionId, id } = await running();
    const unreadable = (text: string, receivedAt: string): Report<'meter.sampled'> =>
      meterOf(station, [{ ...readingOf(receivedAt, '1500'), sampledAtText: text }], { ocppTransactionId, receivedAt });
    await send(service, unreadable('2022-02-30T99:00', at(60)));
    await send(service, unreadable('2022-02-30T99:00', at(90)));
    await send(service, unreadable('yesterday', at(120)));
    expect((await valuesOf(id)).map(({ sampledAt }) => sampledAt)).toEqual([at(60), at(120)]);
    expect(await world.count('reading', station)).toBe(2);
  });

  // Goal: a station's time that happens to be the time of receipt is its time, in whatever spelling.
  it('takes a time that equals the time of receipt for what it is', async () => {
    const { station, ocppTransactionId } = await running();
    const reading = { ...readingOf(at(60), '1500'), sampledAtText: at(60).replace('.000Z', '+00:00') };
    await send(service, meterOf(station, [reading], { ocppTransactionId, receivedAt: at(60) }));
    await send(service, meterOf(station, [reading], { ocppTransactionId, receivedAt: at(65) }));
    expect(await world.count('reading', station)).toBe(1);
  });

  // Goal: any clock is stored, and found again with its transaction.
  it('keeps readings of 1970 and of 2106 in the default partition and shows them', async () => {
    const { station, ocppTransactionId, id } = await running();
    const old = readingOf('1970-01-01T00:00:01.000Z', '1100');
    const far = readingOf('2106-02-07T06:28:15.000Z', '1200');
    await send(service, meterOf(station, [old, far], { ocppTransactionId }));
    const rows = await world.rows<{ count: number }>(
      sql`select count(*) as count from transactions.reading_default where station_id = ${station}`,
    );
    expect(rows).toEqual([{ count: 2 }]);
    expect((await valuesOf(id)).map(({ samples }) => samples[0]?.value)).toEqual([1100, 1200]);
  });

  // Goal: many at once gather in few commits, and every one has its receipt.
  it('V-12 coalesces batches that wait and answers each', async () => {
    const station = newStation();
    const batches = Array.from({ length: 60 }, (_, n) =>
      batchOf(...Array.from({ length: 20 }, (_, m) => meterOf(station, [readingOf(at(n * 20 + m), String(n))]))),
    );
    const receipts = await Promise.all(batches.map((batch) => service.intake.answer(batch)));
    expect(receipts.flat()).toHaveLength(1_200);
    expect(await world.count('reading', station)).toBe(1_200);
    expect(await commitsOf(station)).toBeLessThan(10);
  });

  // Goal: the same rows in opposite orders, on two connections at once, again and again: no deadlock, not even one
  // that a second try would hide.
  it('does not deadlock on batches in different orders', async () => {
    const station = newStation();
    const stores = [1, 2, 3].map(() => new PostgresReadingStore(world.database(), () => undefined));
    for (let round = 0; round < 15; round += 1) {
      const reports = Array.from({ length: 200 }, (_, n) => meterOf(station, [readingOf(at(round * 500 + n), '1')]));
      const orders = [reports, reports.toReversed(), reports.toSorted((left, right) => order(left) - order(right))];
      await Promise.all(stores.map((store, n) => store.commit(orders[n] ?? [])));
    }
    expect(await world.count('reading', station)).toBe(3_000);
  });

  // Goal: what waits is bounded; the rest is sent back, none is lost.
  it('sends back what would wait too long', async () => {
    const station = newStation();
    const crowded = world.replica({ settings: { readingRowsWaitingMax: 100, readingCommitsAtOnce: 1 } });
    const batch = (from: number) =>
      batchOf(...Array.from({ length: 60 }, (_, n) => meterOf(station, [readingOf(at(from + n), '1')])));
    // The first is being committed and the second waits, so there is no room for the third.
    const receipts = await Promise.all([0, 100, 200].map((from) => crowded.intake.answer(batch(from))));
    expect(receipts.map((some) => some.every((receipt) => 'answer' in receipt))).toEqual([true, true, false]);
    expect(receipts[2]).toEqual(Array.from({ length: 60 }, () => ({ again: 'busy' })));
    expect(await world.count('reading', station)).toBe(120);
  });

  // Goal: whoever listens gets what was committed.
  it('publishes committed readings', async () => {
    const station = newStation();
    const { bus } = world.testBus;
    const heard: object[] = [];
    bus.subscribe<object>(bus.subjects.readings(context.tenant), (message) => heard.push(message));
    await bus.connection.flush();
    const reading = readingOf(at(60), '1500');
    await send(service, meterOf(station, [reading], { ocppTransactionId: 7 }));
    await waitUntil('the readings were heard', () => heard.length > 0);
    expect(heard).toMatchObject([{ reports: [{ station, evseId: 1, ocppTransactionId: '7', readings: [reading] }] }]);
  });

  // Goal: a long session is shown in pages that neither repeat nor lose a value.
  it('pages the meter values of a long session', async () => {
    const { station, ocppTransactionId, id } = await running();
    const readings = Array.from({ length: 4_500 }, (_, n) => readingOf(at(n >> 1), String(1_000 + n)));
    for (let from = 0; from < readings.length; from += 500) {
      await send(service, meterOf(station, readings.slice(from, from + 500), { ocppTransactionId }));
    }
    const seen: (number | null | undefined)[] = [];
    let cursor: string | undefined;
    let pages = 0;
    do {
      const page = await service.queries.meterValues({ id, ...(cursor === undefined ? {} : { cursor }) }, context);
      seen.push(...page.items.map(({ samples }) => samples[0]?.value));
      cursor = page.nextCursor;
      pages += 1;
    } while (cursor !== undefined);
    expect(pages).toBe(3);
    expect(seen.toSorted((left, right) => Number(left) - Number(right))).toEqual(readings.map((_, n) => 1_000 + n));
  });
});

describe('partitions', () => {
  // Goal: rows that came before their month had a partition move into it, and inserting goes on meanwhile.
  it('moves whole months out of the default partition', async () => {
    const station = newStation();
    const months = ['2025-03-15T12:00:00.000Z', '2025-04-15T12:00:00.000Z', '1999-01-01T00:00:00.000Z'];
    await send(
      service,
      meterOf(
        station,
        months.map((month) => readingOf(month, '1')),
      ),
    );
    const clock = { now: () => new Date('2026-06-01T00:00:00.000Z'), monotonicMs: () => 0 };
    const lines: object[] = [];
    const logger = {
      debug: () => {},
      warn: () => {},
      error: () => {},
      child: () => logger,
      info: (line: object | string) => {
        lines.push(Object(line));
      },
    };
    const [, ...receipts] = await Promise.all([
      keepPartitions(world.admin, { monthsAhead: 2, clock, logger }),
      ...Array.from({ length: 20 }, (_, n) => send(service, meterOf(station, [readingOf(at(n), '2')]))),
    ]);
    expect(receipts).toEqual(Array.from({ length: 20 }, () => ({ answer: {} })));
    const rows = await world.rows<{ partition: string; count: number }>(sql`
      select tableoid::regclass::text as partition, count(*) as count from transactions.reading
       where station_id = ${station} group by 1 order by 1`);
    expect(rows).toEqual([
      { partition: 'transactions.reading_2025_03', count: 1 },
      { partition: 'transactions.reading_2025_04', count: 1 },
      { partition: 'transactions.reading_2026_06', count: 20 },
      { partition: 'transactions.reading_default', count: 1 },
    ]);
    // A second turn finds nothing to do, and the key still holds in the new partitions.
    await keepPartitions(world.admin, { monthsAhead: 2, clock, logger });
    await send(
      service,
      meterOf(
        station,
        months.map((month) => readingOf(month, '1')),
      ),
    );
    expect(await world.count('reading', station)).toBe(23);
  });
});

/** An order of its own. */
function order(report: Report): number {
  return (report.source.seq * 7_919) % 200;
}

/** How many transactions wrote the station's readings. */
async function commitsOf(station: StationId): Promise<number> {
  const [row] = await world.rows<{ count: number }>(
    sql`select count(distinct xmin::text) as count from transactions.reading where station_id = ${station}`,
  );
  return row?.count ?? 0;
}
