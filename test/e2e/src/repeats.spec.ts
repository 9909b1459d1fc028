import { type System, startSystem } from '@busbar/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { booted, connect, decisionOf, readingOf, register, startOf, token, transactionsOf } from './fixture.js';

let system: System;

beforeAll(async () => {
  system = await startSystem({ counts: { transactions: 2, authorization: 2 } });
});
afterAll(() => system?.stop());

describe('a start whose answer was lost', () => {
  // However the station repeats it, there is one transaction, with one id and one decision.
  it('is the same transaction, whatever way it comes again', async () => {
    const station = await register(system);
    const payload = startOf(await token(system));
    const first = await booted(system, station);
    const answers = [
      await first.ask('StartTransaction', payload, { messageId: 'same' }),
      await first.ask('StartTransaction', payload, { messageId: 'same' }),
      await first.ask('StartTransaction', payload),
    ];
    const second = await connect(system, station);
    answers.push(await second.ask('StartTransaction', payload, { messageId: 'same' }));
    const third = await connect(system, station, 1);
    answers.push(await third.ask('StartTransaction', payload));
    await third.ask('StopTransaction', {
      transactionId: answers[0]?.['transactionId'],
      meterStop: 1500,
      timestamp: new Date().toISOString(),
    });
    answers.push(await third.ask('StartTransaction', payload)); // S-06
    const decisions = answers.map(decisionOf);
    expect(new Set(decisions.map((decision) => JSON.stringify(decision))).size).toBe(1);
    expect(decisions[0]).toMatchObject({ status: 'Accepted' });
    expect(await transactionsOf(system, station)).toMatchObject([
      { state: 'ended', energyWh: 500, ocppTransactionId: decisions[0]?.transactionId },
    ]);
    await third.close();
  });

  // Both gateways, the same moment: the loser reads what the winner wrote.
  it('is one when it comes through both gateways at once', async () => {
    const station = await register(system);
    const payload = startOf(await token(system));
    await (await booted(system, station)).close();
    const asked = await Promise.all(
      [0, 1, 0, 1].map(async (gateway) => {
        const connected = await connect(system, station, gateway);
        connected.send([2, `start-${gateway}`, 'StartTransaction', payload]);
        return connected;
      }),
    );
    const last = await connect(system, station, 1);
    const { transactionId } = decisionOf(await last.ask('StartTransaction', payload));
    expect(transactionId).toBeGreaterThan(0);
    expect(await transactionsOf(system, station)).toMatchObject([{ ocppTransactionId: transactionId }]);
    await Promise.all([last.close(), ...asked.map((one) => one.close())]);
  });
});

describe('stops and meter values that come again', () => {
  // Nothing doubled, nothing changed by what differs.
  it('are kept once', async () => {
    const station = await register(system);
    const idToken = await token(system);
    const connected = await booted(system, station);
    const { transactionId } = decisionOf(await connected.ask('StartTransaction', startOf(idToken)));
    const reading = readingOf(transactionId, '1200');
    for (let time = 0; time < 3; time += 1) await connected.ask('MeterValues', reading);
    const stop = { transactionId, meterStop: 1400, timestamp: new Date().toISOString(), idTag: idToken };
    expect(await connected.ask('StopTransaction', stop)).toMatchObject({ idTagInfo: { status: 'Accepted' } });
    expect(await connected.ask('StopTransaction', stop)).toMatchObject({ idTagInfo: { status: 'Accepted' } });
    const [ended] = await transactionsOf(system, station);
    expect(ended).toMatchObject({ state: 'ended', meterStopWh: 1400, energyWh: 400, stopReason: 'Local', flags: [] });
    await connected.ask('StopTransaction', { ...stop, meterStop: 9999 });
    const [after] = await transactionsOf(system, station);
    expect(after).toMatchObject({ meterStopWh: 1400, energyWh: 400, flags: ['conflicting-stop'] });
    const values = await system.api<{ items: unknown[] }>('GET', `/transactions/${ended?.id}/meter-values`);
    expect(values.items).toHaveLength(1);
    await connected.close();
  });
});

describe('offline sessions', () => {
  // The station never got an id (-1): matched by rule when exactly one start fits, otherwise a case.
  it('are matched or kept as a case', async () => {
    const station = await register(system);
    const idToken = await token(system);
    const connected = await booted(system, station);
    const startedAt = new Date(Date.now() - 60_000);
    await connected.ask('StartTransaction', startOf(idToken, startedAt));
    const stop = { transactionId: -1, meterStop: 1800, timestamp: new Date().toISOString(), idTag: idToken };
    expect(await connected.ask('MeterValues', readingOf(-1, '1500'))).toEqual({});
    expect(await connected.ask('StopTransaction', stop)).toMatchObject({ idTagInfo: { status: 'Accepted' } });
    expect(await transactionsOf(system, station)).toMatchObject([
      { state: 'ended', energyWh: 800, flags: ['orphan-matched'] },
    ]);
    expect(await connected.ask('StopTransaction', { ...stop, transactionId: 987_654 })).toBeDefined();
    await connected.ask('StopTransaction', { transactionId: 424_242, meterStop: 7, timestamp: stop.timestamp });
    const path = `/cases?station=${station.identity}&kind=orphan-stop&state=open`;
    const cases = await system.api<{ items: { evidence: object }[] }>('GET', path);
    expect(cases.items.length).toBeGreaterThanOrEqual(1);
    expect(JSON.stringify(cases.items)).toContain('424242');
    await connected.close();
  });
});

describe('one token at two stations at once', () => {
  // Two replicas, the same moment: the limit holds, and both have an id.
  it('has its limit kept', async () => {
    for (let round = 0; round < 5; round += 1) {
      const idToken = await token(system, { maxConcurrentTransactions: 1 });
      const stations = await Promise.all(
        [0, 1].map(async (gateway) => booted(system, await register(system), gateway)),
      );
      const answers = await Promise.all(
        stations.map((station) => station.ask('StartTransaction', startOf(idToken.toLowerCase()))),
      );
      const decisions = answers.map(decisionOf);
      expect(decisions.map(({ status }) => status).sort()).toEqual(['Accepted', 'ConcurrentTx']);
      expect(decisions.every(({ transactionId }) => transactionId > 0)).toBe(true);
      await Promise.all(stations.map((station) => station.close()));
    }
  });
});
