import type { CommandId, TenantId } from '@busbar/domain';
import { type AskContext, ProblemError, type TransactionView } from '@busbar/events';
import { sql } from '@busbar/persistence';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Service } from '../src/compose.js';
import { at, ids, meterOf, newStation, readingOf, startOf, stopOf } from './support/reports.js';
import { context, identityOf, send, start, stop, World } from './support/world.js';

let world: World;
let service: Service;

beforeAll(async () => {
  world = await World.open();
  service = world.replica();
});
afterAll(() => world.close());

const stranger: AskContext = { ...context, tenant: 'another' as TenantId };

async function active(options: Parameters<typeof startOf>[1] = {}) {
  const station = newStation();
  const { ocppTransactionId } = await start(service, startOf(station, options));
  const [shown] = await world.shown(service, station);
  if (!shown) throw new Error('no transaction');
  return { station, ocppTransactionId, id: shown.id, shown };
}

function problem(status: number, code: string) {
  return expect.objectContaining({ name: 'ProblemError', problem: expect.objectContaining({ status, code }) });
}

describe('lists', () => {
  // Goal: every filter, alone and together, in pages that neither repeat nor lose a row.
  it('lists transactions newest first, filtered and paged', async () => {
    const station = newStation();
    world.tokens.set('LISTED', { status: 'Blocked' });
    for (let n = 0; n < 7; n += 1) {
      const idToken = n % 2 ? 'Listed' : 'TAG-1';
      const { ocppTransactionId } = await start(
        service,
        startOf(station, { evseId: n + 1, idToken, timestamp: at(n) }),
      );
      if (n < 3) await stop(service, stopOf(station, ocppTransactionId));
    }
    const evses = async (filter: object) => {
      const found: TransactionView[] = [];
      let cursor: string | null = null;
      do {
        const page: { items: TransactionView[]; nextCursor: string | null } = await service.queries.list(
          { limit: 2, station: identityOf(station), ...filter, ...(cursor === null ? {} : { cursor }) },
          context,
        );
        found.push(...page.items);
        cursor = page.nextCursor;
      } while (cursor !== null);
      return found.map(({ evseId }) => evseId);
    };
    expect(await evses({})).toEqual([7, 6, 5, 4, 3, 2, 1]);
    expect(await evses({ state: 'active' })).toEqual([7, 6, 5, 4]);
    expect(await evses({ state: 'ended', idToken: 'listed' })).toEqual([2]);
    expect(await evses({ flag: 'unauthorized' })).toEqual([6, 4, 2]);
    expect(await evses({ from: at(2), to: at(4) })).toEqual([4, 3]);
    expect(await evses({ station: 'nobody' })).toEqual([]);
  });

  // Goal: another tenant sees nothing, whatever id it knows; not even that it exists.
  it('shows a tenant its own rows only', async () => {
    const { station, id, ocppTransactionId } = await active();
    await send(service, meterOf(station, [readingOf(at(1), '1500')], { ocppTransactionId }));
    await stop(service, stopOf(station, -1));
    const own = await service.queries.cases({ limit: 1, station: identityOf(station) }, context);
    const caseId = own.items[0]?.id ?? '';
    expect(await service.queries.list({ limit: 50 }, stranger)).toEqual({ items: [], nextCursor: null });
    expect(await service.queries.cases({ limit: 50 }, stranger)).toEqual({ items: [], nextCursor: null });
    expect(await service.queries.openByStation(station, stranger)).toEqual({ items: [] });
    const refusals = [
      () => service.queries.get(id, stranger),
      () => service.queries.reference(id, stranger),
      () => service.queries.meterValues({ id }, stranger),
      () => service.persons.close({ id, reason: 'x', closedBy: 'x' }, stranger),
      () => service.persons.linkRemoteStart({ id, command: ids.next<'command'>() as CommandId }, stranger),
    ];
    for (const refusal of refusals) await expect(refusal()).rejects.toEqual(problem(404, 'transaction-unknown'));
    const ofCase = [
      () => service.queries.getCase(caseId, stranger),
      () => service.persons.resolveCase({ id: caseId, resolvedBy: 'x', resolution: 'x' }, stranger),
    ];
    for (const refusal of ofCase) await expect(refusal()).rejects.toEqual(problem(404, 'case-unknown'));
    expect(await service.queries.get(id, context)).toMatchObject({ state: 'active' });
  });

  // Goal: the database itself, not only our WHERE, keeps tenants apart; without a tenant the reader sees nothing.
  it('is kept apart by the row-level policy', async () => {
    await active();
    const counts = async (tenant?: string) =>
      world.admin.transaction(
        (tx) =>
          tx.query<{ count: number }>(sql`
            select (select count(*) from transactions.transaction) + (select count(*) from transactions.reading)
                 + (select count(*) from transactions.reconciliation_case) as count`),
        {
          role: 'busbar_transactions_reader',
          readOnly: true,
          ...(tenant === undefined ? {} : { tenant: tenant as TenantId }),
        },
      );
    expect(await counts()).toEqual([{ count: 0 }]);
    expect(await counts('another')).toEqual([{ count: 0 }]);
    expect((await counts('default'))[0]?.count).toBeGreaterThan(0);
  });

  // Goal: text from outside is an id of ours or reaches no query.
  it.each(['', "' or true --", 'x'.repeat(26), '../../etc'])('knows no transaction %j', async (id) => {
    await expect(service.queries.get(id, context)).rejects.toEqual(problem(404, 'transaction-unknown'));
    await expect(service.queries.list({ limit: 5, cursor: 'x' }, context)).rejects.toBeInstanceOf(ProblemError);
  });

  // Goal: what commands and stations need, by our id and by station.
  it('refers to a transaction and tells what runs', async () => {
    const { station, id, ocppTransactionId } = await active({ evseId: 2 });
    const reference = { id, station, evseId: 2, ocppTransactionId, state: 'active' };
    expect(await service.queries.reference(id, context)).toEqual(reference);
    expect(await service.queries.openByStation(station, context)).toEqual({ items: [{ evseId: 2, transaction: id }] });
    await stop(service, stopOf(station, ocppTransactionId));
    expect(await service.queries.reference(id, context)).toEqual({ ...reference, state: 'ended' });
    expect(await service.queries.openByStation(station, context)).toEqual({ items: [] });
  });
});

describe('closing by hand', () => {
  // Goal: a person ends it, with a name, a reason and a fact; the token is free again.
  it('X-14 closes an active transaction, audited', async () => {
    world.tokens.set('STUCK', { maxConcurrentTransactions: 1 });
    const { station, id } = await active({ idToken: 'STUCK' });
    const request = { id, reason: 'the cable was cut', closedBy: 'Ada', meterStopWh: 1500.5 };
    const closed = await service.persons.close(request, context);
    expect(closed).toMatchObject({
      state: 'ended',
      closedBy: 'Ada',
      energyWh: 500.5,
      stopReason: null,
      flags: ['closed-by-person'],
    });
    expect(await service.queries.get(id, context)).toEqual(closed);
    const audit = await world.rows(
      sql`select closed_by, reason, caller, request_id, meter_stop_wh, replaced_at from transactions.closure
           where transaction_id = ${id}`,
    );
    expect(audit).toEqual([
      {
        closed_by: 'Ada',
        reason: 'the cable was cut',
        caller: 'test',
        request_id: 'test',
        meter_stop_wh: '1500.5',
        replaced_at: null,
      },
    ]);
    expect((await world.facts(station)).map(({ type }) => type)).toEqual(['transaction.started', 'transaction.ended']);
    expect((await start(service, startOf(newStation(), { idToken: 'STUCK' }))).idTokenInfo.status).toBe('Accepted');
  });

  // Goal: the station's own stop is better than any person's word; the audit stays.
  it('X-14 gives way to the real stop', async () => {
    const { station, id, ocppTransactionId } = await active();
    await service.persons.close({ id, reason: 'r', closedBy: 'Ada', meterStopWh: 1100 }, context);
    await stop(service, stopOf(station, ocppTransactionId, { reason: 'PowerLoss' }));
    expect(await service.queries.get(id, context)).toMatchObject({
      state: 'ended',
      energyWh: 4000,
      stopReason: 'PowerLoss',
      closedBy: null,
      flags: [],
    });
    const [audit] = await world.rows<{ replaced_at: Date | null }>(
      sql`select replaced_at from transactions.closure where transaction_id = ${id}`,
    );
    expect(audit?.replaced_at).toBeInstanceOf(Date);
    expect((await world.facts(station)).at(-1)).toMatchObject({
      type: 'transaction.ended',
      data: { replaces: 'person', energyWh: 4000 },
    });
  });

  // Goal: without a register nobody makes one up.
  it('leaves the energy unknown when no register is given', async () => {
    const { station, id, ocppTransactionId } = await active();
    await send(service, meterOf(station, [readingOf(at(1), '1500')], { ocppTransactionId }));
    const closed = await service.persons.close({ id, reason: 'r', closedBy: 'Ada' }, context);
    expect(closed).toMatchObject({ meterStopWh: null, energyWh: null });
  });

  // Goal: what makes no sense is refused, with a pointer, and changes nothing.
  it('refuses a close that makes no sense', async () => {
    const { station, id, ocppTransactionId } = await active();
    const close = (meterStopWh?: number) =>
      service.persons.close(
        { id, reason: 'r', closedBy: 'Ada', ...(meterStopWh === undefined ? {} : { meterStopWh }) },
        context,
      );
    await expect(close(999)).rejects.toEqual(problem(422, 'meter-below-start'));
    await expect(close(-1)).rejects.toEqual(problem(422, 'meter-invalid'));
    await stop(service, stopOf(station, ocppTransactionId));
    await expect(close()).rejects.toEqual(problem(409, 'transaction-ended'));
    await expect(service.persons.close({ id: ids.next(), reason: 'r', closedBy: 'Ada' }, context)).rejects.toEqual(
      problem(404, 'transaction-unknown'),
    );
  });

  // Goal: the same request under the same key is done once and answered alike, also after a real stop.
  it('closes once per idempotency key', async () => {
    const { station, id, ocppTransactionId } = await active();
    const keyed = { ...context, idempotency: { key: 'k1', digest: 'd1' } };
    const request = { id, reason: 'r', closedBy: 'Ada' };
    const first = await service.persons.close(request, keyed);
    await stop(service, stopOf(station, ocppTransactionId));
    expect(await world.replica().persons.close(request, keyed)).toEqual(first);
    await expect(
      service.persons.close(request, { ...keyed, idempotency: { key: 'k1', digest: 'd2' } }),
    ).rejects.toEqual(problem(409, 'idempotency-key-reused'));
  });

  // Goal: closing a superseded transaction ends its case.
  it('ends the case of a missing stop', async () => {
    const { station, id } = await active();
    await start(service, startOf(station, { timestamp: at(60) }));
    await service.persons.close({ id, reason: 'r', closedBy: 'Ada' }, context);
    const { items } = await service.queries.cases({ limit: 5, station: identityOf(station) }, context);
    expect(items).toMatchObject([{ kind: 'stop-missing', state: 'resolved', resolvedBy: 'Ada' }]);
  });
});

describe('cases', () => {
  async function orphaned() {
    const { station, id, ocppTransactionId } = await active();
    const readings = [readingOf(at(600), '2000')];
    await stop(service, stopOf(station, 'lost', { readings }));
    const { items } = await service.queries.cases(
      { limit: 5, station: identityOf(station), kind: 'orphan-stop', state: 'open' },
      context,
    );
    return { station, id, ocppTransactionId, caseId: items[0]?.id ?? '' };
  }
  const person = { resolvedBy: 'Ada', resolution: 'seen on site' };

  // Goal: a person gives an orphan to its transaction; energy, readings, flags and facts follow.
  it('X-02 gives an orphan stop to a transaction', async () => {
    const { station, id, caseId } = await orphaned();
    const resolved = await service.persons.resolveCase({ id: caseId, ...person, transaction: id }, context);
    expect(resolved).toMatchObject({ state: 'resolved', ...person, transaction: id });
    expect(await service.queries.getCase(caseId, context)).toEqual(resolved);
    expect(await service.queries.get(id, context)).toMatchObject({ energyWh: 4000, flags: ['orphan-matched'] });
    expect((await service.queries.meterValues({ id }, context)).items).toMatchObject([{ sampledAt: at(600) }]);
    expect((await world.facts(station)).map(({ type }) => type)).toEqual([
      'transaction.started',
      'case.opened',
      'case.resolved',
      'transaction.ended',
    ]);
  });

  // Goal: what does not fit is refused and leaves the case open.
  it('refuses to give an orphan to what it cannot end', async () => {
    const { station, id, ocppTransactionId, caseId } = await orphaned();
    const foreign = await active();
    const give = (transaction: string) => service.persons.resolveCase({ id: caseId, ...person, transaction }, context);
    await expect(give(foreign.id)).rejects.toEqual(problem(404, 'transaction-unknown'));
    await stop(service, stopOf(station, ocppTransactionId));
    await expect(give(id)).rejects.toEqual(problem(409, 'transaction-ended'));
    expect(await service.queries.getCase(caseId, context)).toMatchObject({ state: 'open' });
    await service.persons.resolveCase({ id: caseId, ...person }, context);
    await expect(give(id)).rejects.toEqual(problem(409, 'case-resolved'));
  });

  // Goal: only an orphan stop has something to give.
  it('refuses a transaction for another kind of case', async () => {
    const { station, id } = await active();
    await start(service, startOf(station, { timestamp: at(60) }));
    const { items } = await service.queries.cases({ limit: 1, station: identityOf(station) }, context);
    await expect(
      service.persons.resolveCase({ id: items[0]?.id ?? '', ...person, transaction: id }, context),
    ).rejects.toEqual(problem(422, 'case-takes-no-transaction'));
  });

  // Goal: a person's close gives way to an orphan that a person recognises.
  it('X-14 lets an orphan replace a close by hand', async () => {
    const { id, caseId } = await orphaned();
    await service.persons.close({ id, reason: 'r', closedBy: 'Ada' }, context);
    await service.persons.resolveCase({ id: caseId, ...person, transaction: id }, context);
    expect(await service.queries.get(id, context)).toMatchObject({
      energyWh: 4000,
      closedBy: null,
      flags: ['orphan-matched'],
    });
  });

  // Goal: filters and pages of cases.
  it('lists cases newest first, filtered', async () => {
    const { station } = await orphaned();
    await start(service, startOf(station, { timestamp: at(60) }));
    const list = async (filter: object) =>
      (await service.queries.cases({ limit: 50, station: identityOf(station), ...filter }, context)).items.map(
        ({ kind }) => kind,
      );
    expect(await list({})).toEqual(['stop-missing', 'orphan-stop']);
    expect(await list({ kind: 'orphan-stop' })).toEqual(['orphan-stop']);
    expect(await list({ state: 'resolved' })).toEqual([]);
  });
});

describe('remote starts', () => {
  // Goal: the first command stands, repeats are harmless, and the change is told of once.
  it('S-15 links the command that started a transaction', async () => {
    const { station, id } = await active();
    const command = ids.next<'command'>() as CommandId;
    await service.persons.linkRemoteStart({ id, command }, context);
    await service.persons.linkRemoteStart({ id, command }, context);
    await service.persons.linkRemoteStart({ id, command: ids.next<'command'>() as CommandId }, context);
    expect(await service.queries.get(id, context)).toMatchObject({ remoteStartCommandId: command });
    expect((await world.facts(station)).map(({ type }) => type)).toEqual([
      'transaction.started',
      'transaction.updated',
    ]);
  });
});
