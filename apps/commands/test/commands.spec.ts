import { isId } from '@busbar/domain';
import { commandOperations, ProblemError } from '@busbar/events';
import { sql } from '@busbar/persistence';
import { waitUntil } from '@busbar/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { accepted, silence, wrote } from './fake-gateway.js';
import { CommandsFixture } from './fixture.js';

let fixture: CommandsFixture;
beforeAll(async () => {
  fixture = await CommandsFixture.start();
});
afterAll(() => fixture.close());

/** The problem that a request is refused with. */
async function problemOf(request: Promise<unknown>) {
  try {
    await request;
  } catch (error) {
    if (error instanceof ProblemError) return error.problem;
    throw error;
  }
  throw new Error('it was not refused');
}

describe('a command to a station that is there', () => {
  it('reaches it once and ends in its answer', async () => {
    // Goal: request, row and wire agree; the caller that waits has the whole story in one answer.
    const { gateway, station } = await fixture.connected();
    const command = await fixture.create(station, { waitSeconds: 10 });
    expect(gateway.wire).toHaveLength(1);
    const [call] = gateway.wire;
    expect(call).toMatchObject({
      command: command.id,
      station: station.station,
      version: '1.6',
      action: 'Reset',
      payload: { type: 'Hard' },
      timeoutMs: 30_000,
    });
    expect(isId(command.id)).toBe(true);
    expect(command).toMatchObject({
      station: station.identity,
      type: 'Reset',
      params: { mode: 'Immediate' },
      state: 'ended',
      outcome: 'accepted',
      detail: 'Accepted',
      effect: null,
    });
    expect(command.calls).toMatchObject([
      {
        messageId: call?.messageId,
        action: 'Reset',
        request: { type: 'Hard' },
        response: { status: 'Accepted' },
        outcome: 'accepted',
      },
    ]);
    expect(command.timeline.map(({ state, gateway: at }) => [state, at])).toEqual([
      ['sending', gateway.id],
      ['sent', gateway.id],
      ['ended', gateway.id],
    ]);
    expect(await fixture.get(command.id)).toEqual(command);
  });

  it('is told as a fact once, in the same commit', async () => {
    // Goal: one command.ended per end, with what a reader needs.
    const { gateway, station } = await fixture.connected();
    gateway.reaction = () => accepted({ status: 'Rejected' });
    const command = await fixture.create(station, { waitSeconds: 10 });
    const [call] = gateway.wire;
    if (call) await gateway.endedReport(call, { kind: 'result', payload: { status: 'Rejected' } });
    const facts = (await fixture.facts()).filter(({ data }) => data['command'] === command.id);
    expect(facts).toMatchObject([
      {
        type: 'command.ended',
        station: station.station,
        stationIdentity: station.identity,
        data: { commandType: 'Reset', outcome: 'rejected', detail: 'Rejected', late: false },
      },
    ]);
  });

  it.each([
    ['error', 'GenericError', wrote({ kind: 'error', code: 'GenericError', description: 'no', details: { a: 1 } })],
    ['error', 'bad-response: /status', wrote({ kind: 'bad-response', detail: '/status' })],
    ['unknown', 'timed-out', wrote({ kind: 'timed-out' })],
    ['unknown', 'connection-lost', wrote({ kind: 'connection-lost' })],
    ['accepted', null, accepted({})],
    ['accepted', 'Scheduled', accepted({ status: 'Scheduled' })],
    ['rejected', 'Whatever', accepted({ status: 'Whatever' })],
  ])('ends %s with %s', async (outcome, detail, reply) => {
    // Goal: each ending of a CALL has the one outcome that API.md names.
    const { gateway, station } = await fixture.connected();
    gateway.reaction = () => reply;
    const command = await fixture.create(station, { waitSeconds: 10 });
    expect([command.state, command.outcome, command.detail]).toEqual(['ended', outcome, detail]);
  });

  it('stores whatever a station says', async () => {
    // Goal: characters that Postgres refuses neither lose the answer nor stop the queue.
    const { gateway, station } = await fixture.connected();
    gateway.reaction = () => accepted({ status: 'Accepted', data: 'a\u0000b\ud800' });
    const command = await fixture.create(station, { waitSeconds: 10 });
    expect(command.calls[0]?.response).toEqual({ status: 'Accepted', data: 'a\ufffdb\ufffd' });
  });

  it('has only one CALL outstanding, whatever is asked', async () => {
    // Goal: of twenty commands at once the station sees one at a time (M-10), each on the heels of the one before it.
    const { gateway, station } = await fixture.connected();
    let flying = 0;
    let most = 0;
    gateway.reaction = async () => {
      flying += 1;
      most = Math.max(most, flying);
      await new Promise((resolve) => setImmediate(resolve));
      flying -= 1;
      return accepted();
    };
    const made = await Promise.all(Array.from({ length: 20 }, () => fixture.create(station)));
    const ended = await Promise.all(made.map(({ id }) => fixture.ended(id, 20_000)));
    expect(most).toBe(1);
    expect(gateway.wire).toHaveLength(20);
    expect(new Set(gateway.wire.map((call) => call.command)).size).toBe(20);
    // Left to the sweep alone, each would wait for half a second or more.
    const began = Math.min(...made.map(({ createdAt }) => Date.parse(createdAt)));
    expect(Math.max(...ended.map(({ endedAt }) => Date.parse(endedAt ?? ''))) - began).toBeLessThan(7_000);
  });

  it('answers a caller that does not wait at once', async () => {
    // Goal: 202 with the command on its way, while the station takes its time.
    const { gateway, station } = await fixture.connected();
    gateway.reaction = silence;
    const command = await fixture.create(station);
    expect([command.state, command.outcome, command.endedAt]).toEqual(['sending', null, null]);
    const [call] = await waitUntil('the CALL is out', () => gateway.wire.length > 0 && gateway.wire);
    if (call === undefined) throw new Error('no CALL');
    expect(await gateway.writtenReport(call)).toEqual([{ answer: {} }]);
    expect((await fixture.get(command.id)).state).toBe('sent');
    await gateway.endedReport(call, { kind: 'result', payload: { status: 'Accepted' } });
    expect((await fixture.get(command.id)).outcome).toBe('accepted');
  });

  it('lets a caller wait for the end of a command that is under way', async () => {
    // Goal: GET with a wait ends with the report that ends the command, not by its own time.
    const { gateway, station } = await fixture.connected();
    gateway.reaction = silence;
    const command = await fixture.create(station);
    const waiting = fixture.ask(commandOperations.get, { id: command.id, waitSeconds: 60 });
    const [call] = await waitUntil('the CALL is out', () => gateway.wire.length > 0 && gateway.wire);
    if (call) await gateway.endedReport(call, { kind: 'result', payload: { status: 'Accepted' } });
    expect((await waiting).outcome).toBe('accepted');
    const short = await fixture.ask(commandOperations.get, { id: command.id, waitSeconds: 0 });
    expect(short.state).toBe('ended');
  });
});

describe('refusals', () => {
  it('name what is wrong before anything is stored', async () => {
    // Goal: unknown station, wrong type, wrong params, wrong terms; no row, no CALL.
    const { gateway, station } = await fixture.connected();
    const ask = (more: Record<string, unknown>) => problemOf(fixture.create(station, more));
    expect(await ask({ identity: 'nobody' })).toMatchObject({ status: 404, code: 'station-unknown' });
    expect(await ask({ type: 'Explode' })).toMatchObject({ status: 422, errors: [{ pointer: '/type' }] });
    expect(await ask({ params: { mode: 'Never' } })).toMatchObject({
      status: 422,
      errors: [{ pointer: '/params/mode' }],
    });
    expect(await ask({ params: { mode: 'Immediate', more: 1 } })).toMatchObject({ status: 422 });
    expect(await ask({ deadlineSeconds: 0 })).toMatchObject({ status: 422, errors: [{ pointer: '/deadlineSeconds' }] });
    expect(await ask({ whenOffline: 'maybe' })).toMatchObject({ status: 422, errors: [{ pointer: '/whenOffline' }] });
    expect(await ask({ waitSeconds: 61 })).toMatchObject({ status: 422 });
    const start = { type: 'RequestStartTransaction', params: { idToken: 'a\u0000' } };
    expect(await ask(start)).toMatchObject({ status: 422, errors: [{ pointer: '/params' }] });
    const rows = await fixture.rows(sql`select from commands.command where station = ${station.station}`);
    expect([rows, gateway.received]).toEqual([[], []]);
  });

  it('follow the registration', async () => {
    // Goal: pending forbids start and stop only, rejected forbids everything, in a raw call as well.
    const pending = await fixture.connected({ registration: 'pending' });
    const rejected = await fixture.connected({ registration: 'rejected' });
    const start = { type: 'RequestStartTransaction', params: { idToken: 'T1' } };
    const stop = { type: 'RequestStopTransaction', params: { ocppTransactionId: 4 } };
    const raw = { action: 'RemoteStopTransaction', payload: { transactionId: 4 } };
    for (const more of [start, stop]) {
      expect(await problemOf(fixture.create(pending.station, more))).toMatchObject({
        status: 409,
        code: 'registration-pending',
      });
    }
    const call = (identity: string, body: { action: string; payload: Record<string, unknown> }) =>
      fixture.ask(commandOperations.call, { identity, ...body, waitSeconds: 10 });
    expect(await problemOf(call(pending.station.identity, raw))).toMatchObject({ code: 'registration-pending' });
    expect((await fixture.create(pending.station, { waitSeconds: 10 })).outcome).toBe('accepted');
    for (const request of [
      fixture.create(rejected.station),
      fixture.create(rejected.station, start),
      call(rejected.station.identity, { action: 'Reset', payload: { type: 'Soft' } }),
    ]) {
      expect(await problemOf(request)).toMatchObject({ status: 409, code: 'registration-rejected' });
    }
    expect(pending.gateway.wire).toHaveLength(1);
    expect(rejected.gateway.received).toEqual([]);
  });

  it('know the transactions of a station', async () => {
    // Goal: our id becomes the wire's; a transaction that is unknown or another station's is a wrong member.
    const { gateway, station } = await fixture.connected();
    fixture.services.transactions.set('t1', { station: station.station, ocppTransactionId: 4711 });
    fixture.services.transactions.set('t2', { station: 'other' as never, ocppTransactionId: 1 });
    const stop = (params: object) =>
      fixture.create(station, { type: 'RequestStopTransaction', params, waitSeconds: 10 });
    expect((await stop({ transaction: 't1' })).outcome).toBe('accepted');
    expect(gateway.wire[0]?.payload).toEqual({ transactionId: 4711 });
    for (const transaction of ['t2', 't3']) {
      expect(await problemOf(stop({ transaction }))).toMatchObject({
        status: 422,
        errors: [{ pointer: '/params/transaction' }],
      });
    }
    expect((await stop({ ocppTransactionId: -5 })).outcome).toBe('accepted');
  });

  it('end what the version does not have', async () => {
    // Goal: not supported is an outcome, not an error, and nothing is sent.
    const { gateway, station } = await fixture.connected();
    const profile = { type: 'RequestStartTransaction', params: { idToken: 'T', chargingProfile: 'p' } };
    const command = await fixture.create(station, profile);
    expect([command.state, command.outcome, command.calls]).toEqual(['ended', 'not-supported', []]);
    expect(gateway.received).toEqual([]);
    expect((await fixture.facts()).filter(({ data }) => data['command'] === command.id)).toHaveLength(1);
    const newer = await fixture.connected({ protocol: 'ocpp2.0.1' });
    expect((await fixture.create(newer.station)).outcome).toBe('not-supported');
  });
});

describe('raw calls', () => {
  it('send what the version allows, checked against its schema', async () => {
    // Goal: any action of the central system goes out as it is, everything else is refused with pointers.
    const { gateway, station } = await fixture.connected();
    const { identity } = station;
    const call = (action: string, payload: Record<string, unknown>) =>
      fixture.ask(commandOperations.call, { identity, action, payload, waitSeconds: 10 });
    const command = await call('TriggerMessage', { requestedMessage: 'Heartbeat' });
    expect(command).toMatchObject({
      type: 'Call',
      params: { action: 'TriggerMessage', payload: { requestedMessage: 'Heartbeat' } },
      outcome: 'accepted',
    });
    expect(gateway.wire).toMatchObject([{ action: 'TriggerMessage', payload: { requestedMessage: 'Heartbeat' } }]);
    expect(await problemOf(call('TriggerMessage', { requestedMessage: 'Nothing' }))).toMatchObject({
      status: 422,
      errors: [{ pointer: '/payload/requestedMessage' }],
    });
    for (const action of ['StartTransaction', 'Invented']) {
      expect(await problemOf(call(action, {}))).toMatchObject({ status: 422, errors: [{ pointer: '/action' }] });
    }
    expect(gateway.wire).toHaveLength(1);
  });

  it('keep no secret longer than it takes to send it', async () => {
    // Goal: the station gets the key, nobody else ever sees it, and no row holds it after the end.
    const { gateway, station } = await fixture.connected();
    const value = 'C0FFEE'.repeat(6);
    const key = 'authorizationKey';
    gateway.reaction = silence;
    const raw = await fixture.ask(commandOperations.call, {
      identity: station.identity,
      action: 'ChangeConfiguration',
      payload: { key, value },
    });
    const set = await fixture.create(station, { type: 'SetVariables', params: { variables: [{ key, value }] } });
    const stored = () =>
      fixture.rows<{ text: string }>(
        sql`select (to_jsonb(c)::text || coalesce((select jsonb_agg(to_jsonb(k) - 'secret_request')::text
              from commands.call k where k.command = c.id), '')) as text
              from commands.command c where c.station = ${station.station}`,
      );
    expect(JSON.stringify([raw, set, await stored()])).not.toContain(value);
    await waitUntil('the first CALL is out', () => gateway.wire.length === 1);
    for (const index of [0, 1]) {
      const call = await waitUntil('the CALL is out', () => gateway.wire[index]);
      expect(call.payload).toEqual({ key, value });
      await gateway.endedReport(call, { kind: 'result', payload: { status: 'Accepted' } });
    }
    await fixture.ended(set.id);
    const secrets = await fixture.rows(sql`select from commands.call where secret_request is not null`);
    expect(secrets).toEqual([]);
    expect((await fixture.get(raw.id)).calls[0]?.request).toEqual({ key, value: '***' });
    expect(JSON.stringify(fixture.services.variablesReported)).not.toContain(value);
  });
});

describe('variables', () => {
  it('that were read or set are told to the stations service, at least once', async () => {
    // Goal: what a GetVariables in two CALLs learned arrives, also when the first telling fails.
    fixture.services.failingReports = 1;
    const { gateway, station } = await fixture.connected({ maxKeysPerGetVariables: 2 });
    gateway.reaction = ({ payload }) => {
      const keys = Array.isArray(payload['key']) ? payload['key'] : [];
      const configurationKey = keys.filter((key) => key !== 'x').map((key) => ({ key, value: '1', readonly: false }));
      return accepted({ configurationKey, unknownKey: keys.filter((key) => key === 'x') });
    };
    const params = { keys: ['a', 'b', 'x'] };
    const command = await fixture.create(station, { type: 'GetVariables', params, waitSeconds: 10 });
    expect([command.outcome, command.calls.map((call) => call.request)]).toEqual([
      'accepted',
      [{ key: ['a', 'b'] }, { key: ['x'] }],
    ]);
    const told = () => fixture.services.variablesReported.filter((report) => report.station === station.station);
    await waitUntil('both are told', () => told().length >= 2);
    expect(fixture.services.failingReports).toBe(0);
    expect(
      told()
        .flatMap(({ variables }) => variables.map(({ key }) => key))
        .sort(),
    ).toEqual(['a', 'b']);
    expect(told().flatMap(({ unknownKeys }) => unknownKeys)).toEqual(['x']);
    await waitUntil('nothing is left to tell', async () => {
      return (await fixture.rows(sql`select from commands.variable_report`)).length === 0;
    });
  });

  it('go on after one that is rejected, and the first failure is the outcome', async () => {
    // Goal: one CALL each, all sent, the outcome is the first that was not accepted (API.md).
    const { gateway, station } = await fixture.connected();
    gateway.reaction = ({ payload }) => accepted({ status: payload['key'] === 'b' ? 'NotSupported' : 'Accepted' });
    const variables = ['a', 'b', 'c'].map((key) => ({ key, value: '1' }));
    const command = await fixture.create(station, { type: 'SetVariables', params: { variables }, waitSeconds: 10 });
    expect([command.outcome, command.detail]).toEqual(['rejected', 'NotSupported']);
    expect(command.calls.map(({ request, outcome }) => [request['key'], outcome])).toEqual([
      ['a', 'accepted'],
      ['b', 'rejected'],
      ['c', 'accepted'],
    ]);
    expect(new Set(gateway.wire.map((call) => call.messageId)).size).toBe(3);
  });
});

describe('idempotency keys', () => {
  it('make one command of many requests', async () => {
    // Goal: repeats, also at the same moment, give the same command and one CALL; another body is a conflict.
    const { gateway, station } = await fixture.connected();
    const idempotency = { key: 'key-1', digest: 'digest-1' };
    const ask = () => fixture.create(station, { waitSeconds: 10 }, { idempotency });
    const answers = await Promise.all([ask(), ask(), ask()]);
    answers.push(await ask());
    expect(new Set(answers.map(({ id }) => id)).size).toBe(1);
    expect(answers.every(({ outcome }) => outcome === 'accepted')).toBe(true);
    expect(gateway.wire).toHaveLength(1);
    const other = fixture.create(station, {}, { idempotency: { ...idempotency, digest: 'digest-2' } });
    expect(await problemOf(other)).toMatchObject({ status: 409, code: 'idempotency-key-reused' });
  });
});

describe('looking at commands', () => {
  it('lists them newest first, by filter and page', async () => {
    // Goal: every command once, in order, and nothing of other tenants.
    const { station } = await fixture.connected();
    const ids: string[] = [];
    for (const mode of ['Immediate', 'OnIdle', 'Immediate']) {
      ids.unshift((await fixture.create(station, { params: { mode }, waitSeconds: 10 })).id);
    }
    const list = (more: object) =>
      fixture.ask(commandOperations.list, { station: station.identity, limit: 2, ...more });
    const first = await list({});
    const second = await list({ cursor: first.nextCursor ?? '' });
    expect([...first.items, ...second.items].map(({ id }) => id)).toEqual(ids);
    expect(second.nextCursor).toBeNull();
    expect((await list({ state: 'queued' })).items).toEqual([]);
    expect((await list({ type: 'Reset', state: 'ended' })).items).toHaveLength(2);
    expect(await problemOf(list({ cursor: 'x' }))).toMatchObject({ code: 'cursor-invalid' });
    const foreign = { tenant: 'another' as never };
    expect((await fixture.ask(commandOperations.list, { limit: 50 }, foreign)).items).toEqual([]);
    for (const id of [ids[0] ?? '', 'none', "' or true --"]) {
      expect(await problemOf(fixture.ask(commandOperations.get, { id }, foreign))).toMatchObject({ status: 404 });
      expect(await problemOf(fixture.ask(commandOperations.cancel, { id }, foreign))).toMatchObject({ status: 404 });
    }
  });
});
