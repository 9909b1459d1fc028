import { TimeOrderedIds, timeOfId } from '@busbar/domain';
import type { CommandView, Fact, StationReference } from '@busbar/events';
import { sql } from '@busbar/persistence';
import { waitUntil } from '@busbar/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { accepted, silence, wrote } from './fake-gateway.js';
import { CommandsFixture } from './fixture.js';

const ids = new TimeOrderedIds();
let fixture: CommandsFixture;
beforeAll(async () => {
  fixture = await CommandsFixture.start();
});
afterAll(() => fixture.close());

const start = (params: object) => ({ type: 'RequestStartTransaction', params, waitSeconds: 10 });
const withEffect = (id: string): Promise<CommandView> =>
  fixture.until(id, 'it has an effect', ({ effect }) => effect !== null);

/** Waits until everything that was published before has been looked at: a fact that is certainly taken. */
async function untilTaken(station: StationReference): Promise<void> {
  const probe = await fixture.connected();
  const command = await fixture.create(probe.station, start({ idToken: 'probe' }));
  const id = ids.next<'transaction'>();
  fixture.publishFact('transaction.started', probe.station, { id, idToken: 'probe' }, { evseId: 1 });
  await withEffect(command.id);
  expect(station.station).not.toBe(probe.station.station);
}

function started(station: StationReference, data: object = {}, more: Partial<Fact> = {}): string {
  const id = ids.next<'transaction'>();
  fixture.publishFact(
    'transaction.started',
    station,
    { id, idToken: 'TAG-1', offline: false, ...data },
    { evseId: 1, ...more },
  );
  return id;
}

describe('a transaction that starts', () => {
  it('is the effect of the remote start, and learns of it', async () => {
    // Goal: same station, same token in any case, same EVSE: linked both ways, told as a fact, once.
    const { station } = await fixture.connected();
    const command = await fixture.create(station, start({ idToken: 'tag-1', evseId: 1 }));
    const id = started(station);
    const { effect } = await withEffect(command.id);
    expect(effect).toMatchObject({ kind: 'transaction.started', ref: id });
    await waitUntil('the transaction knows its command', () => fixture.services.linked.some((link) => link.id === id));
    expect(fixture.services.linked.filter((link) => link.id === id)).toEqual([{ id, command: command.id }]);
    const facts = (await fixture.facts()).filter(({ data }) => data['command'] === command.id);
    expect(facts.map(({ type, data }) => [type, data['outcome'], data['ref']])).toEqual([
      ['command.ended', 'accepted', undefined],
      ['command.effect', 'accepted', id],
    ]);
  });

  it('turns unknown into accepted', async () => {
    // Goal: the answer was lost, the charging began: accepted, and both outcomes were told.
    const { gateway, station } = await fixture.connected();
    gateway.reaction = () => wrote({ kind: 'connection-lost' });
    const command = await fixture.create(station, start({ idToken: 'TAG-1' }));
    expect(command.outcome).toBe('unknown');
    const id = started(station);
    expect(await withEffect(command.id)).toMatchObject({
      outcome: 'accepted',
      detail: 'effect-observed',
      effect: { ref: id },
    });
  });

  it('may come before the answer', async () => {
    // Goal: whichever comes first, the command ends accepted with its effect.
    const { gateway, station } = await fixture.connected();
    gateway.reaction = silence;
    const command = await fixture.create(station, { ...start({ idToken: 'TAG-1' }), waitSeconds: 0 });
    const [call] = await waitUntil('the CALL is out', () => gateway.wire.length > 0 && gateway.wire);
    started(station);
    expect((await withEffect(command.id)).outcome).toBeNull();
    if (call) await gateway.endedReport(call, { kind: 'timed-out' });
    expect((await fixture.get(command.id)).outcome).toBe('accepted');
  });

  it('is no effect of what did not cause it', async () => {
    // Goal: another token, another EVSE, another station, a session of the past, a refused start: nothing is linked.
    const { gateway, station } = await fixture.connected();
    const elsewhere = await fixture.connected();
    const command = await fixture.create(station, start({ idToken: 'TAG-1', evseId: 1 }));
    gateway.reaction = () => accepted({ status: 'Rejected' });
    const rejected = await fixture.create(station, start({ idToken: 'TAG-9' }));
    const before = [
      started(station, { idToken: 'TAG-2' }),
      started(station, {}, { evseId: 2 }),
      started(elsewhere.station),
      started(station, { offline: true }),
      started(station, { idToken: 'TAG-9' }),
    ];
    await untilTaken(station);
    expect((await fixture.get(command.id)).effect).toBeNull();
    expect((await fixture.get(rejected.id)).effect).toBeNull();
    expect(fixture.services.linked.filter(({ id }) => before.includes(id))).toEqual([]);
  });

  it('is no effect when it was recorded before the command, or too long after it', async () => {
    // Goal: the ConnectionTimeOut and some slack bound what a remote start can have begun.
    const { station } = await fixture.connected();
    const old = ids.next<'fact'>();
    await waitUntil('a later millisecond', () => ids.next<'fact'>().slice(0, 10) > old.slice(0, 10));
    const command = await fixture.create(station, start({ idToken: 'TAG-1' }));
    started(station, {}, { id: old });
    await untilTaken(station);
    expect((await fixture.get(command.id)).effect).toBeNull();
    await fixture.rows(
      sql`update commands.command set expect_until = now() - interval '1 second' where id = ${command.id}`,
    );
    started(station);
    await untilTaken(station);
    expect((await fixture.get(command.id)).effect).toBeNull();
  });

  it('belongs to the command that named its EVSE, and to one only', async () => {
    // Goal: two remote starts with one token, one effect each, told twice without harm.
    const { station } = await fixture.connected();
    const open = await fixture.create(station, start({ idToken: 'TAG-1' }));
    const named = await fixture.create(station, start({ idToken: 'TAG-1', evseId: 2 }));
    const first = ids.next<'transaction'>();
    const data = { id: first, idToken: 'TAG-1', offline: false };
    const fact = fixture.publishFact('transaction.started', station, data, { evseId: 2 });
    expect((await withEffect(named.id)).effect?.ref).toBe(first);
    fixture.publishFact('transaction.started', station, data, fact);
    await untilTaken(station);
    expect((await fixture.get(open.id)).effect).toBeNull();
    const second = started(station);
    expect((await withEffect(open.id)).effect?.ref).toBe(second);
  });
});

describe('other effects', () => {
  it('a transaction that ends is the effect of the remote stop', async () => {
    // Goal: by our id and by the wire's; another transaction's end is not.
    const { station } = await fixture.connected();
    const id = ids.next<'transaction'>();
    fixture.services.transactions.set(id, { station: station.station, ocppTransactionId: 7 });
    const stop = (params: object) =>
      fixture.create(station, { type: 'RequestStopTransaction', params, waitSeconds: 10 });
    const named = await stop({ transaction: id });
    const numbered = await stop({ ocppTransactionId: 8 });
    const ended = (data: object) => fixture.publishFact('transaction.ended', station, { ...data }, { evseId: 1 });
    ended({ id: ids.next<'transaction'>(), ocppTransactionId: 9 });
    ended({ id, ocppTransactionId: 7 });
    const other = ids.next<'transaction'>();
    ended({ id: other, ocppTransactionId: 8 });
    expect((await withEffect(named.id)).effect).toMatchObject({ kind: 'transaction.ended', ref: id });
    expect((await withEffect(numbered.id)).effect).toMatchObject({ kind: 'transaction.ended', ref: other });
  });

  it('a boot is the effect of a reset', async () => {
    // Goal: a station that resets before it answers has done what it was told.
    const { gateway, station } = await fixture.connected();
    gateway.reaction = () => wrote({ kind: 'connection-lost' });
    const command = await fixture.create(station, { waitSeconds: 10 });
    const fact = fixture.publishFact('station.booted', station, { vendor: 'V' });
    expect(await withEffect(command.id)).toMatchObject({
      outcome: 'accepted',
      effect: { kind: 'station.booted', ref: fact.id, at: timeOfId(fact.id).toISOString() },
    });
  });

  it('a connector that changes is the effect of ChangeAvailability', async () => {
    // Goal: only a change into or out of Unavailable, on the EVSE that was named.
    const { gateway, station } = await fixture.connected();
    gateway.reaction = () => accepted({ status: 'Scheduled' });
    const change = (params: object) => fixture.create(station, { type: 'ChangeAvailability', params, waitSeconds: 10 });
    const off = await change({ evseId: 1, operational: false });
    const on = await change({ evseId: 2, operational: true });
    const changed = (evseId: number, previousConnectorState: string, connectorState: string) =>
      fixture.publishFact(
        'connector.changed',
        station,
        { connectorId: 1, previousConnectorState, connectorState },
        { evseId },
      );
    changed(2, 'Unavailable', 'Unavailable');
    changed(2, 'Available', 'Occupied');
    changed(2, 'Available', 'Unavailable');
    const first = changed(1, 'Occupied', 'Unavailable');
    const second = changed(2, 'Unavailable', 'Available');
    expect((await withEffect(off.id)).effect?.ref).toBe(first.id);
    expect((await withEffect(on.id)).effect?.ref).toBe(second.id);
  });
});
