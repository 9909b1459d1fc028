import { waitUntil } from '@busbar/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { accepted, silence, wrote } from './fake-gateway.js';
import { CommandsFixture, noRedis } from './fixture.js';

const availability = { type: 'ChangeAvailability', params: { operational: false } };

describe('the way to the gateway', () => {
  let fixture: CommandsFixture;
  beforeAll(async () => {
    fixture = await CommandsFixture.start({ leaseMs: 1_500 });
  });
  afterAll(() => fixture.close());

  it('is looked up again when the directory is behind', async () => {
    // Goal: the gateway that lost the station refuses, the one that holds it gets the CALL, and it gets it once.
    const { gateway, station } = await fixture.connected();
    const other = await fixture.gateway();
    gateway.forget(station.station);
    other.holdQuietly(station.station, Date.now() * 1_000 + 1_000_000);
    const command = await fixture.create(station, { waitSeconds: 10 });
    expect(command.outcome).toBe('accepted');
    expect([gateway.received.length, gateway.wire.length, other.wire.length]).toEqual([1, 0, 1]);
    expect(command.timeline.map(({ state, gateway: at }) => [state, at])).toEqual([
      ['sending', gateway.id],
      ['sending', other.id],
      ['sent', other.id],
      ['ended', other.id],
    ]);
  });

  it('follows a station to its new connection on the same gateway', async () => {
    // Goal: an epoch that has passed is refused, the new one is found in the directory.
    const { gateway, station } = await fixture.connected();
    const reached = new Promise<void>((resolve) => {
      gateway.reaction = (call) => {
        // The station reconnects between the look-up and the request.
        gateway.reaction = () => accepted();
        void gateway.connect(call.station).then(() => resolve());
        return { written: false, reason: 'stale-route' };
      };
    });
    const command = await fixture.create(station, { waitSeconds: 10 });
    await reached;
    expect(command.outcome).toBe('accepted');
    expect(gateway.wire).toHaveLength(1);
    expect(gateway.received[1]?.epoch).toBeGreaterThan(gateway.received[0]?.epoch ?? 0);
    expect(gateway.received[1]?.messageId).toBe(gateway.received[0]?.messageId);
  });

  it('goes on to the gateway that a drained station reconnects to', async () => {
    // Goal: a rolling update costs no command: refused while draining, delivered at the new place.
    const { gateway, station } = await fixture.connected();
    const other = await fixture.gateway();
    gateway.reaction = () => {
      void other.connect(station.station);
      return { written: false, reason: 'draining' };
    };
    const command = await fixture.create(station, { waitSeconds: 10 });
    expect([command.outcome, gateway.wire.length, other.wire.length]).toEqual(['accepted', 0, 1]);
  });

  it('ends not-sent when nobody is there any more', async () => {
    // Goal: a directory that still names a dead gateway makes no one believe that something was written.
    const { gateway, station } = await fixture.connected();
    await gateway.die();
    const begun = performance.now();
    const command = await fixture.create(station, { waitSeconds: 10 });
    expect([command.state, command.outcome, command.detail]).toEqual(['ended', 'not-sent', 'offline']);
    expect(performance.now() - begun).toBeLessThan(2_000);
    expect(gateway.received).toEqual([]);
  });

  it('waits when the caller said so, and goes to where the station turns up', async () => {
    // Goal: written nowhere at first, once in the end, under the same message id.
    const { gateway, station } = await fixture.connected();
    await gateway.die();
    const command = await fixture.create(station, { whenOffline: 'wait' });
    await fixture.until(command.id, 'it waits', ({ state }) => state === 'queued');
    const other = await fixture.gateway();
    await other.connect(station.station);
    await other.ready(station.station);
    expect((await fixture.ended(command.id)).outcome).toBe('accepted');
    expect(other.wire).toHaveLength(1);
  });

  it('is tried again when the connection is busy', async () => {
    // Goal: busy is no answer of the station's; the command waits its turn.
    const { gateway, station } = await fixture.connected();
    let refusals = 2;
    gateway.reaction = () => {
      refusals -= 1;
      return refusals >= 0 ? { written: false, reason: 'busy' } : accepted();
    };
    const command = await fixture.create(station, { waitSeconds: 10 });
    expect([command.outcome, gateway.wire.length, gateway.received.length]).toEqual(['accepted', 1, 3]);
  });

  it('opens when the station is ready, and not before', async () => {
    // Goal: nothing leaves before the first message was answered (K-11), and then it leaves without delay.
    const { gateway, station } = await fixture.connected();
    let ready = false;
    gateway.reaction = () => (ready ? accepted() : { written: false, reason: 'not-ready' });
    const command = await fixture.create(station);
    await fixture.until(command.id, 'it was refused', ({ state }) => state === 'queued');
    ready = true;
    await gateway.ready(station.station);
    expect((await fixture.ended(command.id)).outcome).toBe('accepted');
    expect(gateway.wire).toHaveLength(1);
  });
});

describe('what was written without an answer', () => {
  let fixture: CommandsFixture;
  beforeAll(async () => {
    fixture = await CommandsFixture.start({ leaseMs: 1_500 });
  });
  afterAll(() => fixture.close());

  it('is unknown after the time-out, until the late answer', async () => {
    // Goal: nothing is claimed that is not known, nothing is sent again, and the late word counts (M-09, M-13).
    const { gateway, station } = await fixture.connected();
    gateway.reaction = () => wrote({ kind: 'timed-out' });
    const command = await fixture.create(station, { waitSeconds: 10 });
    expect([command.outcome, command.detail]).toEqual(['unknown', 'timed-out']);
    const [call] = gateway.wire;
    if (call === undefined) throw new Error('no CALL');
    await gateway.endedReport(call, { kind: 'timed-out' });
    expect((await fixture.get(command.id)).outcome).toBe('unknown');
    await gateway.endedReport(call, { kind: 'result', payload: { status: 'Accepted' } }, true);
    expect(await fixture.get(command.id)).toMatchObject({
      state: 'ended',
      outcome: 'accepted',
      endedAt: command.endedAt,
      calls: [{ outcome: 'accepted', response: { status: 'Accepted' } }],
    });
    await gateway.endedReport(call, { kind: 'result', payload: { status: 'Rejected' } }, true);
    expect((await fixture.get(command.id)).outcome).toBe('accepted');
    expect(gateway.wire).toHaveLength(1);
    const facts = (await fixture.facts()).filter(({ data }) => data['command'] === command.id);
    expect(facts.map(({ data }) => [data['outcome'], data['late']])).toEqual([
      ['unknown', false],
      ['accepted', true],
    ]);
  });

  it('is unknown when its gateway dies, and what was queued goes to the new one', async () => {
    // Goal: SIGKILL: written → unknown, queued → new connection, each at most once on a wire (A1).
    const { gateway, station } = await fixture.connected();
    gateway.reaction = silence;
    const first = await fixture.create(station);
    const [call] = await waitUntil('the CALL is out', () => gateway.wire.length > 0 && gateway.wire);
    if (call) await gateway.writtenReport(call);
    const second = await fixture.create(station, { whenOffline: 'wait' });
    await gateway.die();
    const unknown = await fixture.ended(first.id);
    expect([unknown.outcome, unknown.detail]).toEqual(['unknown', 'gateway-gone']);
    const other = await fixture.gateway();
    await other.connect(station.station);
    await other.ready(station.station);
    expect((await fixture.ended(second.id)).outcome).toBe('accepted');
    expect([gateway.wire.length, other.wire.map((sent) => sent.command)]).toEqual([1, [second.id]]);
  });

  it('is sent once more when nobody knows whether it was written and that does no harm', async () => {
    // Goal: the one repetition, under a new message id; a reset in the same place is not repeated.
    const harmless = await fixture.connected();
    const harmful = await fixture.connected();
    for (const { gateway } of [harmless, harmful]) gateway.reaction = silence;
    const change = await fixture.create(harmless.station, { ...availability, whenOffline: 'wait' });
    const reset = await fixture.create(harmful.station, { whenOffline: 'wait' });
    for (const { gateway } of [harmless, harmful]) {
      await waitUntil('the CALL is out', () => gateway.wire.length === 1);
      await gateway.die();
    }
    expect((await fixture.ended(reset.id)).outcome).toBe('unknown');
    const waiting = await fixture.until(change.id, 'it waits again', ({ calls }) => calls.length === 2);
    expect(waiting.calls.map(({ outcome }) => outcome)).toEqual(['unknown', null]);
    const other = await fixture.gateway();
    await other.connect(harmless.station.station);
    await other.ready(harmless.station.station);
    await other.connect(harmful.station.station);
    await other.ready(harmful.station.station);
    expect((await fixture.ended(change.id)).outcome).toBe('accepted');
    expect(other.wire.map((sent) => sent.command)).toEqual([change.id]);
    expect(other.wire[0]?.messageId).not.toBe(harmless.gateway.wire[0]?.messageId);
  });

  it('is settled at once when the station is back on a newer connection', async () => {
    // Goal: the old connection's CALL can't be answered any more, so it does not hold up the queue (K-08).
    const { gateway, station } = await fixture.connected();
    gateway.reaction = silence;
    const first = await fixture.create(station);
    const [call] = await waitUntil('the CALL is out', () => gateway.wire.length > 0 && gateway.wire);
    if (call) await gateway.writtenReport(call);
    const second = await fixture.create(station);
    const other = await fixture.gateway();
    await other.connect(station.station);
    await other.ready(station.station);
    expect([(await fixture.get(first.id)).outcome, (await fixture.get(first.id)).detail]).toEqual([
      'unknown',
      'connection-lost',
    ]);
    expect((await fixture.ended(second.id)).outcome).toBe('accepted');
    expect(other.wire.map((sent) => sent.command)).toEqual([second.id]);
  });

  it('survives a directory that lost everything', async () => {
    // Goal: without any lease in Redis a gateway that answers on the bus is alive, and its CALLs are its own.
    const { gateway, station } = await fixture.connected();
    gateway.reaction = silence;
    const command = await fixture.create(station);
    const [call] = await waitUntil('the CALL is out', () => gateway.wire.length > 0 && gateway.wire);
    await gateway.loseLease();
    const other = await fixture.connected();
    other.gateway.reaction = silence;
    const sign = await fixture.create(other.station);
    await waitUntil('the other CALL is out', () => other.gateway.wire.length > 0);
    await other.gateway.die();
    // The other gateway's end was noticed by the same looks that leave this one alone.
    expect((await fixture.ended(sign.id)).outcome).toBe('unknown');
    expect((await fixture.get(command.id)).state).toBe('sending');
    if (call) await gateway.endedReport(call, { kind: 'result', payload: { status: 'Accepted' } });
    expect((await fixture.get(command.id)).outcome).toBe('accepted');
  });
});

describe('without Redis', () => {
  let fixture: CommandsFixture;
  beforeAll(async () => {
    fixture = await CommandsFixture.start({ redisUrl: noRedis });
  });
  afterAll(() => fixture.close());

  it('the gateways say who holds a station, the highest epoch wins', async () => {
    // Goal: commands work within 2 s while Redis is away (C1).
    const { gateway, station } = await fixture.connected();
    const newer = await fixture.gateway();
    newer.holdQuietly(station.station, Date.now() * 1_000 + 60_000_000);
    for (let round = 0; round < 2; round += 1) {
      const begun = performance.now();
      const command = await fixture.create(station, { waitSeconds: 10 });
      expect(command.outcome).toBe('accepted');
      expect(performance.now() - begun).toBeLessThan(2_000);
    }
    expect([gateway.received.length, newer.wire.length]).toEqual([0, 2]);
  });

  it('a station that nobody holds is offline within 2 s', async () => {
    // Goal: the answer is quick and true (C1).
    const station = fixture.services.add();
    const begun = performance.now();
    const command = await fixture.create(station, { waitSeconds: 10 });
    expect([command.outcome, command.detail]).toEqual(['not-sent', 'offline']);
    expect(performance.now() - begun).toBeLessThan(2_000);
  });
});
