import { commandOperations, ProblemError } from '@busbar/events';
import { waitUntil } from '@busbar/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { accepted, silence } from './fake-gateway.js';
import { CommandsFixture } from './fixture.js';

let fixture: CommandsFixture;
beforeAll(async () => {
  fixture = await CommandsFixture.start({ env: { BUSBAR_COMMAND_QUEUE_MAX: '6' } });
});
afterAll(() => fixture.close());

async function codeOf(request: Promise<unknown>): Promise<string> {
  try {
    await request;
    return 'not refused';
  } catch (error) {
    if (error instanceof ProblemError) return error.code;
    throw error;
  }
}

const unlock = { type: 'UnlockConnector', params: { evseId: 1 } };
const clear = { type: 'ClearCache', params: {} };
const read = { type: 'GetVariables', params: {} };

describe('a station that is away', () => {
  it('fails a command at once, unless it was told to wait', async () => {
    // Goal: offline is an outcome, told as a fact, and nothing stays behind that could still go out.
    const station = fixture.services.add();
    const command = await fixture.create(station);
    expect([command.state, command.outcome, command.detail]).toEqual(['ended', 'not-sent', 'offline']);
    expect(command.calls.map(({ outcome }) => outcome)).toEqual(['not-sent']);
    const facts = (await fixture.facts()).filter(({ data }) => data['command'] === command.id);
    expect(facts.map(({ type, data }) => [type, data['outcome']])).toEqual([['command.ended', 'not-sent']]);
  });

  it('gets what waited in the order of its urgency, then of its age', async () => {
    // Goal: after the station is ready: stop and safety, then the rest as it was made; one at a time.
    const station = fixture.services.add();
    const ids: Record<string, string> = {};
    for (const [name, body] of Object.entries({ clear, read, reset: {}, unlock })) {
      ids[name] = (await fixture.create(station, { ...body, whenOffline: 'wait' })).id;
    }
    const gateway = await fixture.gateway();
    await gateway.connect(station.station);
    await gateway.ready(station.station);
    for (const id of Object.values(ids)) expect((await fixture.ended(id)).outcome).toBe('accepted');
    expect(gateway.wire.map(({ action }) => action)).toEqual([
      'Reset',
      'UnlockConnector',
      'ClearCache',
      'GetConfiguration',
    ]);
  });

  it('lets a command expire at its deadline', async () => {
    // Goal: no command waits longer than its caller wants, and one that expired is not sent afterwards.
    const station = fixture.services.add();
    const command = await fixture.create(station, { whenOffline: 'wait', deadlineSeconds: 1, waitSeconds: 10 });
    expect([command.outcome, command.calls[0]?.outcome]).toEqual(['expired', 'expired']);
    const late = new Date(command.endedAt ?? 0).getTime() - new Date(command.deadlineAt).getTime();
    expect(late).toBeGreaterThanOrEqual(0);
    expect(late).toBeLessThan(2_000);
    const gateway = await fixture.gateway();
    await gateway.connect(station.station);
    await gateway.ready(station.station);
    const next = await fixture.create(station, { waitSeconds: 10 });
    expect([next.outcome, gateway.wire.length]).toEqual(['accepted', 1]);
  });

  it('keeps a bounded number of commands', async () => {
    // Goal: a program that has run wild is told so; the queue of one station is not the queue of another.
    const station = fixture.services.add();
    const wait = { whenOffline: 'wait' };
    for (let count = 0; count < 6; count += 1) await fixture.create(station, wait);
    expect(await codeOf(fixture.create(station, wait))).toBe('station-queue-full');
    expect((await fixture.create(fixture.services.add(), wait)).state).toBe('queued');
  });

  it('is judged anew when it comes back', async () => {
    // Goal: what was queued for an accepted station does not reach one that was rejected since.
    const station = fixture.services.add();
    const command = await fixture.create(station, { whenOffline: 'wait' });
    // It counts as fresh, and so as checked, for its first two seconds.
    const madeAt = new Date(command.createdAt).getTime();
    await waitUntil('it is no longer fresh', () => Date.now() - madeAt > 2_100);
    fixture.services.stations.set(station.station, { ...station, registration: 'rejected' });
    const gateway = await fixture.gateway();
    await gateway.connect(station.station);
    await gateway.ready(station.station);
    const ended = await fixture.ended(command.id);
    expect([ended.outcome, ended.detail, gateway.received]).toEqual(['not-sent', 'registration-rejected', []]);
  });
});

describe('cancelling', () => {
  it('takes back what is queued, and nothing else', async () => {
    // Goal: what may be on the wire or has ended stays what it is: 409.
    const cancel = (id: string) => fixture.ask(commandOperations.cancel, { id });
    const { gateway, station } = await fixture.connected();
    gateway.reaction = silence;
    const sending = await fixture.create(station);
    const queued = await fixture.create(station);
    expect(queued.state).toBe('queued');
    expect(await codeOf(cancel(sending.id))).toBe('command-not-cancellable');
    const cancelled = await cancel(queued.id);
    expect([cancelled.state, cancelled.outcome, cancelled.detail]).toEqual(['ended', 'not-sent', 'cancelled']);
    expect(await codeOf(cancel(queued.id))).toBe('command-not-cancellable');
    const [call] = await waitUntil('the CALL is out', () => gateway.wire.length > 0 && gateway.wire);
    if (call) await gateway.endedReport(call, { kind: 'result', payload: { status: 'Accepted' } });
    expect(await codeOf(cancel(sending.id))).toBe('command-not-cancellable');
    gateway.reaction = () => accepted();
    await fixture.create(station, { waitSeconds: 10 });
    expect(gateway.wire.map(({ command }) => command)).not.toContain(queued.id);
  });
});

describe('urgent commands', () => {
  it('pass those that wait', async () => {
    // Goal: an unlock does not stand behind reading, however long that has waited.
    const { gateway, station } = await fixture.connected();
    gateway.reaction = silence;
    const first = await fixture.create(station, read);
    const second = await fixture.create(station, clear);
    const urgent = await fixture.create(station, unlock);
    const [call] = await waitUntil('the CALL is out', () => gateway.wire.length > 0 && gateway.wire);
    gateway.reaction = () => accepted();
    if (call) await gateway.endedReport(call, { kind: 'result', payload: {} });
    for (const { id } of [first, second, urgent]) expect((await fixture.ended(id)).outcome).toBe('accepted');
    expect(gateway.wire.map(({ command }) => command)).toEqual([first.id, urgent.id, second.id]);
  });

  it('pass between the CALLs of a long one', async () => {
    // Goal: a reset asked for while a hundred keys are set waits for one CALL, not for all.
    const { gateway, station } = await fixture.connected();
    const variables = ['a', 'b', 'c'].map((key) => ({ key, value: '1' }));
    gateway.reaction = silence;
    const long = await fixture.create(station, { type: 'SetVariables', params: { variables } });
    const urgent = await fixture.create(station);
    const [call] = await waitUntil('the CALL is out', () => gateway.wire.length > 0 && gateway.wire);
    gateway.reaction = () => accepted();
    if (call) await gateway.endedReport(call, { kind: 'result', payload: { status: 'Accepted' } });
    for (const { id } of [long, urgent]) expect((await fixture.ended(id)).outcome).toBe('accepted');
    expect(gateway.wire.map(({ action }) => action)).toEqual([
      'ChangeConfiguration',
      'Reset',
      'ChangeConfiguration',
      'ChangeConfiguration',
    ]);
  });
});
