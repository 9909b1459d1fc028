import { type StationClient, type System, startSystem, waitUntil } from '@busbar/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { booted, register, startOf, token, transactionsOf } from './fixture.js';

let system: System;
let station: StationClient;

beforeAll(async () => {
  system = await startSystem({ counts: { gateway: 1 } });
  station = await booted(system, await register(system));
});
afterAll(async () => {
  await station?.close();
  await system?.stop();
});

/** The next message on the connection is served, whatever came before. */
async function stillServed(): Promise<void> {
  expect(await station.ask('Heartbeat', {})).toHaveProperty('currentTime');
}

describe('a frame that is wrong', () => {
  // What can be answered gets the code that the rules name; the connection lives on.
  it.each([
    ['unknown action (M-17)', [2, 'a1', 'Levitate', {}], 'NotImplemented'],
    ['central system action (M-17)', [2, 'a2', 'Reset', { type: 'Hard' }], 'NotSupported'],
    ['action in other case (M-05)', [2, 'a3', 'heartbeat', {}], 'NotImplemented'],
    ['payload is a list (M-20)', [2, 'a4', 'Heartbeat', [1]], 'FormationViolation'],
    [
      'missing member (M-19)',
      [2, 'a5', 'BootNotification', { chargePointVendor: 'x' }],
      'OccurenceConstraintViolation',
    ],
    ['empty id (M-04)', [2, '', 'Heartbeat', {}], 'FormationViolation'],
  ])('%s', async (_, frame, code) => {
    const answer = station.answerTo(`${frame[1] as string | number}`);
    station.send(frame);
    expect(await answer).toMatchObject({ kind: 'error', code });
    await stillServed();
  });

  // What cannot be answered is counted and left, and costs nobody the connection.
  it.each([
    ['no JSON', '{{{'],
    ['no array', '{"a":1}'],
    ['an empty array', '[]'],
    ['another message type (M-06)', '[1,"x","Heartbeat",{}]'],
    ['an answer that nobody waits for (M-09)', '[3,"nobody",{}]'],
    ['an error that nobody waits for (M-09)', '[4,"nobody","InternalError","",{}]'],
    ['deep nesting (M-16)', `[2,"deep","Heartbeat",${'['.repeat(5000)}${']'.repeat(5000)}]`],
  ])('%s', async (_, text) => {
    station.sendRaw(text);
    await stillServed();
  });

  // Tolerated: what real stations do, with the same answer as if it had been right.
  it.each([
    ['null payload (M-01)', [2, 'b1', 'Heartbeat', null]],
    ['no payload (M-01)', [2, 'b2', 'Heartbeat']],
    ['a number as id (M-04)', [2, 4711, 'Heartbeat', {}]],
    ['an unknown member (M-18)', [2, 'b3', 'Heartbeat', { colour: 'red' }]],
    ['the prototype as member (M-24)', JSON.parse('[2,"b4","Heartbeat",{"__proto__":{"x":1}}]') as unknown[]],
  ])('%s', async (_, frame) => {
    const answer = station.answerTo(`${frame[1] as string | number}`);
    station.send(frame);
    expect(await answer).toMatchObject({ kind: 'result' });
    if (typeof frame[1] === 'number') {
      expect(station.frames.some(({ direction, text }) => direction === 'in' && text.startsWith('[3,4711,'))).toBe(
        true,
      );
    }
    await stillServed();
  });
});

describe('meter values that are wrong', () => {
  // Always answered, sample by sample (V-01, V-05, V-06).
  it.each([
    ['no elements', { connectorId: 1, meterValue: [] }],
    ['no samples', { connectorId: 1, meterValue: [{ timestamp: '2026-11-22T10:00:00Z', sampledValue: [] }] }],
    [
      'a comma, a number, nothing and no number (V-04)',
      {
        connectorId: 1,
        meterValue: [
          {
            timestamp: '2026-11-22T10:00:00Z',
            sampledValue: [{ value: '12,5' }, { value: 7 }, { value: '' }, { value: 'NaN' }],
          },
        ],
      },
    ],
    [
      'a time that is none',
      { connectorId: 1, meterValue: [{ timestamp: '2022-02-29', sampledValue: [{ value: '1' }] }] },
    ],
    ['a huge transaction id (X-04)', { connectorId: 1, transactionId: 9223372036854775807n, meterValue: [] }],
    [
      'a zero byte',
      { connectorId: 1, meterValue: [{ timestamp: '2026-11-22T10:00:01Z', sampledValue: [{ value: 'a\u0000b' }] }] },
    ],
    [
      'a lone surrogate',
      { connectorId: 1, meterValue: [{ timestamp: '2026-11-22T10:00:02Z', sampledValue: [{ value: '\ud800' }] }] },
    ],
  ])('%s', async (name, payload) => {
    const text = JSON.stringify([2, `mv-${name}`, 'MeterValues', payload], (_, value: unknown) =>
      typeof value === 'bigint' ? '9223372036854775807' : value,
    );
    const answer = station.answerTo(`mv-${name}`);
    station.sendRaw(text);
    expect(await answer).toEqual({ kind: 'result', payload: {} });
    await stillServed();
  });
});

describe('what was tolerated', () => {
  // Every liberty is counted for the station, by rule, also in what other services answer.
  it('is listed', async () => {
    await waitUntil('the rules are listed', async () => {
      const { items } = await system.api<{ items: { rule: string }[] }>(
        'GET',
        `/stations/${station.identity}/deviations`,
      );
      const rules = items.map(({ rule }) => rule);
      return ['V-04', 'V-06'].every((rule) => rules.includes(rule));
    });
  });
});

describe('starts and stops that are odd', () => {
  // Stored, flagged and answered: the transaction has begun, whatever we think of it (rule 16 4.8).
  it('are answered', async () => {
    const registered = await register(system);
    const odd = await booted(system, registered);
    const idTag = await token(system, { maxConcurrentTransactions: null });
    const unknown = await odd.ask('StartTransaction', startOf('NOBODY'));
    expect(unknown).toMatchObject({ transactionId: expect.any(Number), idTagInfo: { status: 'Invalid' } });
    expect(Number(unknown['transactionId'])).toBeGreaterThan(0);
    expect(await odd.ask('StartTransaction', { ...startOf(idTag), timestamp: '1970-01-01T00:00:00Z' })).toMatchObject({
      idTagInfo: { status: 'Accepted' },
    });
    expect(await odd.ask('StartTransaction', { ...startOf(idTag), meterStart: '12.0', connectorId: 7 })).toMatchObject({
      idTagInfo: { status: 'Accepted' },
    });
    expect(
      await odd.ask('StopTransaction', { transactionId: 'abc', meterStop: 1, timestamp: '2026-11-22T10:00:00Z' }),
    ).toEqual({});
    expect(
      await odd.ask('StopTransaction', { transactionId: unknown['transactionId'], meterStop: 5, timestamp: 'x' }),
    ).toEqual({});
    const stored = await transactionsOf(system, registered);
    expect(stored.map(({ flags }) => flags)).toEqual([
      [],
      ['clock-suspect'],
      expect.arrayContaining(['unauthorized', 'meter-decreased']),
    ]);
    expect(stored.every(({ energyWh }) => energyWh === null || energyWh >= 0)).toBe(true);
    await odd.close();
  });
});
