import type { StationId } from '@busbar/domain';
import type { Receipt, Report } from '@busbar/events';
import { sql } from '@busbar/persistence';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Service } from '../src/compose.js';
import { at, batchOf, meterOf, newStation, readingOf, startOf, stopOf } from './support/reports.js';
import { World } from './support/world.js';

let world: World;
let left: Service;
let right: Service;

beforeAll(async () => {
  world = await World.open();
  left = world.replica();
  right = world.replica();
});
afterAll(() => world.close());

/** One session as a station lives it: what it knows of its id, what is odd about it, what it never sends. */
interface Session {
  evseId: number;
  token: string;
  wattHours: number;
  readings: number;
  /** How the stop names the transaction: with its id, with -1, or never because the station forgot it. */
  stop: 'own' | 'minus-one' | 'none';
  clock: 'sane' | 'broken';
  stopNamesToken: boolean;
  readingsInStop: boolean;
}

const session: fc.Arbitrary<Session> = fc.record({
  evseId: fc.integer({ min: 0, max: 2 }),
  token: fc.constantFrom('A', 'a', 'B', 'LIMITED'),
  wattHours: fc.integer({ min: -50, max: 5_000 }),
  readings: fc.integer({ min: 0, max: 3 }),
  stop: fc.constantFrom('own', 'own', 'minus-one', 'none'),
  clock: fc.constantFrom('sane', 'sane', 'sane', 'broken'),
  stopNamesToken: fc.boolean(),
  readingsInStop: fc.boolean(),
});

/** A message that a station sends; the stop needs the id from the answer to its start. */
type Message = (idOf: (session: number) => number) => Report;

function messagesOf(station: StationId, sessions: readonly Session[]): Message[] {
  let registerWh = 1_000;
  return sessions.flatMap((one, n) => {
    const began = one.clock === 'broken' ? '1970-01-01T00:00:00.000Z' : at(n * 1_000);
    const ended = one.clock === 'broken' ? '1970-01-01T00:10:00.000Z' : at(n * 1_000 + 600);
    const meterStart = one.clock === 'broken' ? '0' : String(registerWh);
    const implausibleClock = one.clock === 'broken';
    const base = Number(meterStart);
    registerWh += Math.abs(one.wattHours);
    const readings = Array.from({ length: one.readings }, (_, m) =>
      readingOf(at(n * 1_000 + 60 * (m + 1)), String(base + m)),
    );
    const { evseId } = one;
    const start = startOf(station, { ...one, idToken: one.token, timestamp: began, meterStart, implausibleClock });
    const built: Message[] = [() => start];
    for (const reading of readings) {
      const report = meterOf(station, [reading], { evseId });
      built.push((idOf) => ({ ...report, data: { ...report.data, ocppTransactionId: String(idOf(n)) } }) as Report);
    }
    if (one.stop === 'none') return built;
    const stop = stopOf(station, -1, {
      meterStop: String(base + one.wattHours),
      timestamp: ended,
      implausibleClock,
      ...(one.stopNamesToken ? { idToken: one.token } : {}),
      readings: one.readingsInStop ? readings : [],
    });
    const named = one.stop === 'own';
    built.push((idOf) => ({
      ...stop,
      data: { ...stop.data, ocppTransactionId: named ? String(idOf(n)) : '-1' },
    }));
    return built;
  });
}

const tables = ['transaction', 'orphan_stop', 'suspect_event', 'reconciliation_case', 'quarantine', 'reading'];

/** Everything that is recorded of a station, and every fact told, in one text. */
async function recorded(station: StationId): Promise<string> {
  const parts: string[] = [];
  for (const table of tables) {
    const rows = await world.rows<{ row: string }>(
      sql`select to_jsonb(t)::text as row from ${sql.identifier(`transactions.${table}`)} t
           where station_id = ${station} order by 1`,
    );
    parts.push(table, ...rows.map(({ row }) => row));
  }
  return [...parts, JSON.stringify(await world.facts(station))].join('\n');
}

describe('replay', () => {
  // Goal: whatever a station lived through, sending any beginning of it again, in any company and on any replica,
  // changes no row, tells no fact, and is answered as the first time.
  it('S-05 S-06 X-03 X-06 V-11: any prefix of a station’s messages sent again changes nothing', async () => {
    world.tokens.set('LIMITED', { maxConcurrentTransactions: 1 });
    const scenario = fc.record({
      sessions: fc.array(session, { minLength: 1, maxLength: 4 }),
      /** How much of it is sent again, after how much of it. */
      sent: fc.nat({ max: 40 }),
      again: fc.nat({ max: 40 }),
      newMessageIds: fc.boolean(),
      inOneBatch: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(scenario, async ({ sessions, sent, again, newMessageIds, inOneBatch }) => {
        const station = newStation();
        const messages = messagesOf(station, sessions);
        const idsOfSessions: number[] = [];
        const idOf = (n: number) => idsOfSessions[n] ?? 0;
        const reports: Report[] = [];
        const answers: Receipt[] = [];
        for (const message of messages.slice(0, 1 + (sent % messages.length))) {
          const report = message(idOf);
          const [receipt] = await left.intake.answer(batchOf(report));
          if (receipt && 'answer' in receipt && 'ocppTransactionId' in receipt.answer) {
            idsOfSessions.push(receipt.answer.ocppTransactionId);
          }
          reports.push(report);
          answers.push(receipt ?? { again: 'no receipt' });
        }
        const before = await recorded(station);
        // A station without a clock is told from its repeats by its message ids alone (rule S-07), so it keeps them.
        const mayRename = newMessageIds && sessions.every(({ clock }) => clock === 'sane');
        const prefix = reports.slice(0, 1 + (again % reports.length)).map((report, n) => renamed(report, n, mayRename));
        const repeats = inOneBatch
          ? await right.intake.answer(batchOf(...prefix))
          : (await Promise.all(prefix.map((report) => right.intake.answer(batchOf(report))))).flat();
        expect(repeats).toEqual(answers.slice(0, prefix.length));
        expect(await recorded(station)).toBe(before);
      }),
      { numRuns: 60 },
    );
  }, 120_000);
});

function renamed(report: Report, n: number, rename: boolean): Report {
  if (!rename) return report;
  return { ...report, receivedAt: at(90_000), source: { ...report.source, messageId: `repeat-${n}`, epoch: n } };
}
