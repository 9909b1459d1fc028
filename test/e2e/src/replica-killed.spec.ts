import { writerRole } from '@busbar/persistence';
import { type System, startSystem, TcpProxy, waitUntil } from '@busbar/testing';
import { describe, expect, it } from 'vitest';
import { booted, connect, decisionOf, readingOf, register, startOf, token, transactionsOf } from './fixture.js';

async function withSystem(options: Parameters<typeof startSystem>[0], work: (system: System) => Promise<void>) {
  const system = await startSystem(options);
  try {
    await work(system);
  } finally {
    await system.stop();
  }
}

describe('a transactions replica that dies', () => {
  // Between insert and commit nothing was stored; between commit and receipt everything was. The station cannot
  // tell the difference: it has its answer, from the other replica, before it would be hung up on.
  it.each(['after-insert', 'after-commit'])('%s loses and doubles nothing', async (fault) => {
    await withSystem({ counts: { transactions: 0 } }, async (system) => {
      const faulty = await system.start('transactions', { BUSBAR_FAULT: fault });
      const station = await register(system);
      const connected = await booted(system, station);
      const payload = startOf(await token(system));
      const answer = connected.ask('StartTransaction', payload);
      expect((await faulty.exit).signal).toBe('SIGKILL');
      const [healthy] = await Promise.all([system.start('transactions'), answer]);
      const first = decisionOf(await answer);
      expect(first).toMatchObject({ status: 'Accepted' });
      expect(decisionOf(await connected.ask('StartTransaction', payload))).toEqual(first);
      expect(await transactionsOf(system, station)).toMatchObject([{ ocppTransactionId: first.transactionId }]);
      await connected.close();
      await healthy.stop();
    });
  });

  // The same for readings.
  it.each(['after-insert', 'after-commit'])('%s keeps meter values', async (fault) => {
    await withSystem({ counts: { transactions: 1 } }, async (system) => {
      const station = await register(system);
      const connected = await booted(system, station);
      const { transactionId } = decisionOf(await connected.ask('StartTransaction', startOf(await token(system))));
      await system.apps.transactions[0]?.stop();
      const faulty = await system.start('transactions', { BUSBAR_FAULT: fault });
      const answer = connected.ask('MeterValues', readingOf(transactionId, '1234.5'));
      expect((await faulty.exit).signal).toBe('SIGKILL');
      await Promise.all([system.start('transactions'), answer]);
      const [transaction] = await transactionsOf(system, station);
      expect(transaction).toMatchObject({ energyWh: 234.5 });
      const values = await system.api<{ items: unknown[] }>('GET', `/transactions/${transaction?.id}/meter-values`);
      expect(values.items).toHaveLength(1);
      await connected.close();
    });
  });
});

describe('a connection to Postgres that is cut between COMMIT and its reply', () => {
  // Nobody knows whether it was committed. It was; the repeat must find it.
  it('loses and doubles nothing', async () => {
    const proxies: TcpProxy[] = [];
    await withSystem({ counts: { transactions: 0 } }, async (system) => {
      const url = system.database.urlAs(writerRole('transactions'));
      const through = await TcpProxy.to(url);
      proxies.push(through);
      await system.start('transactions', { BUSBAR_POSTGRES_URL: through.urlOf(url) });
      const station = await register(system);
      const connected = await booted(system, station);
      const payload = startOf(await token(system));
      const cut = through.cutBeforeReply(/COMMIT/);
      const answer = await connected.ask('StartTransaction', payload);
      await cut;
      expect(decisionOf(answer)).toMatchObject({ status: 'Accepted' });
      expect(decisionOf(await connected.ask('StartTransaction', payload))).toEqual(decisionOf(answer));
      expect(await transactionsOf(system, station)).toHaveLength(1);
      await connected.close();
    });
    await Promise.all(proxies.map((proxy) => proxy.close()));
  });
});

describe('a commit path that is away', () => {
  // Nobody lies to a station and nobody errs: it is hung up on, and let in again by itself.
  it('hangs up on stations that wait and takes them again', async () => {
    await withSystem({}, async (system) => {
      const station = await register(system);
      const payload = startOf(await token(system));
      const connected = await booted(system, station);
      await system.apps.transactions[0]?.kill();
      connected.send([2, 'waiting', 'StartTransaction', payload]);
      expect((await connected.closed).code).toBe(1012);
      expect(connected.frames.filter(({ direction, text }) => direction === 'in' && text.includes('waiting'))).toEqual(
        [],
      );
      await system.start('transactions');
      const again = await connect(system, station, 1);
      const decision = await waitUntil(
        'the start is taken',
        async () => decisionOf(await again.ask('StartTransaction', payload)),
        { timeoutMs: 15_000 },
      );
      expect(decision).toMatchObject({ status: 'Accepted' });
      expect(await transactionsOf(system, station)).toHaveLength(1);
      await again.close();
    });
  });
});
