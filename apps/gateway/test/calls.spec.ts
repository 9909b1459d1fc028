import type { CommandId, StationId, TenantId } from '@busbar/domain';
import type { CallReply, CallRequest } from '@busbar/events';
import { type StationClient, waitUntil } from '@busbar/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Bench, bench, type GatewayUnderTest } from './gateway-under-test.js';

let b: Bench;
let gateway: GatewayUnderTest;
let count = 0;

beforeAll(async () => {
  b = await bench();
  gateway = await b.gateway();
});
afterAll(() => b.close());

interface Connected {
  s: StationClient;
  id: StationId;
  epoch: number;
}

/** A station that may be sent CALLs. */
async function ready(): Promise<Connected> {
  const connected = await fresh();
  await connected.s.ask('Heartbeat', {});
  return connected;
}

async function fresh(from: GatewayUnderTest = gateway): Promise<Connected> {
  count += 1;
  const { identity, station: id } = b.services.know(`C${count}`);
  const s = await b.station(from, identity);
  const [connected] = await waitUntil('it is connected', () => {
    const reports = b.services.of('station.connected', id);
    return reports.length > 0 && reports;
  });
  return { s, id, epoch: connected?.source.epoch ?? 0 };
}

function request({ id, epoch }: Connected, changes: Partial<CallRequest> = {}): CallRequest {
  count += 1;
  return {
    command: `command-${count}` as CommandId,
    tenant: 'default' as TenantId,
    station: id,
    epoch,
    messageId: `call-${count}`,
    version: '1.6',
    action: 'Reset',
    payload: { type: 'Soft' },
    sendBy: new Date(Date.now() + 5000).toISOString(),
    timeoutMs: 5000,
    ...changes,
  };
}

function send(call: CallRequest, to: GatewayUnderTest = gateway): Promise<CallReply> {
  return b.bus.request<CallReply>(b.bus.subjects.gatewayCall(to.id), call, { timeoutMs: 8000 });
}

function ended(call: CallRequest) {
  return b.services.of('call.ended').filter((report) => report.data.command === call.command);
}

describe('a CALL', () => {
  // Written once, answered by the station; told on the request and in reports.
  it('comes back with the answer', async () => {
    const connected = await ready();
    connected.s.onCall('Reset', () => ({ status: 'Accepted' }));
    const call = request(connected);
    const reply = await send(call);
    expect(reply).toEqual({
      written: true,
      sentAt: expect.any(String),
      endedAt: expect.any(String),
      ending: { kind: 'result', payload: { status: 'Accepted' } },
    });
    expect(connected.s.received).toEqual([{ messageId: call.messageId, action: 'Reset', payload: { type: 'Soft' } }]);
    await waitUntil('it is reported', () => ended(call).length === 1);
    expect(ended(call)[0]?.data).toEqual({
      command: call.command,
      messageId: call.messageId,
      ending: { kind: 'result', payload: { status: 'Accepted' } },
      late: false,
    });
    expect(b.services.of('call.written').filter((report) => report.data.command === call.command).length).toBe(1);
  });

  // An error is the station's own words, in our spelling of the code.
  it('comes back with the error', async () => {
    const connected = await ready();
    connected.s.onCall('Reset', () => ({ errorCode: 'FormationViolation', description: 'no', details: { a: 1 } }));
    expect(await send(request(connected))).toMatchObject({
      written: true,
      ending: { kind: 'error', code: 'FormatViolation', description: 'no', details: { a: 1 } },
    });
  });

  // What is no answer ends the CALL at once and not after its time-out.
  it.each([
    ['a payload that is no object', (id: string) => `[3,"${id}","yes"]`],
    ['a broken frame', (id: string) => `[3,"${id}",{"status":`],
    ['an answer that can be no answer', (id: string) => `[3,"${id}",{"status":{}}]`],
  ])('ends at once by %s', async (_, text) => {
    const connected = await ready();
    const startedAt = performance.now();
    const call = request(connected);
    connected.s.onCall('Reset', () => {
      connected.s.sendRaw(text(call.messageId));
      return null;
    });
    expect(await send(call)).toMatchObject({ written: true, ending: { kind: 'bad-response' } });
    expect(performance.now() - startedAt).toBeLessThan(2000);
  });

  // No answer in time; the answer that comes after all is told as late, once, and ends nothing else.
  it('times out, and a late answer is told', async () => {
    const connected = await ready();
    connected.s.onCall('Reset', () => null);
    const call = request(connected, { timeoutMs: 50 });
    expect(await send(call)).toMatchObject({ written: true, ending: { kind: 'timed-out' } });
    const next = request(connected, { timeoutMs: 3000 });
    const waiting = send(next);
    await waitUntil('the next is out', () => connected.s.received.length === 2);
    connected.s.send([3, call.messageId, { status: 'Rejected' }]);
    connected.s.send([3, call.messageId, { status: 'Rejected' }]);
    connected.s.send([3, next.messageId, { status: 'Accepted' }]);
    expect(await waiting).toMatchObject({ ending: { kind: 'result', payload: { status: 'Accepted' } } });
    await waitUntil('all is reported', () => ended(call).length === 2);
    expect(ended(call).map(({ data }) => [data.ending.kind, data.late])).toEqual([
      ['timed-out', false],
      ['result', true],
    ]);
  });

  // The connection is gone: outcome unknown.
  it('ends with its connection', async () => {
    const connected = await ready();
    connected.s.onCall('Reset', () => null);
    const call = request(connected);
    const waiting = send(call);
    await waitUntil('it is out', () => connected.s.received.length === 1);
    await connected.s.reset();
    expect(await waiting).toMatchObject({ written: true, ending: { kind: 'connection-lost' } });
  });

  // The station's own CALLs are answered while ours waits for its answer.
  it('does not delay the station', async () => {
    const connected = await ready();
    connected.s.onCall('Reset', async () => {
      await connected.s.ask('Authorize', { idTag: 'TAG' });
      await connected.s.ask('Heartbeat', {});
      return { status: 'Accepted' };
    });
    expect(await send(request(connected))).toMatchObject({ ending: { kind: 'result' } });
  });
});

describe('nothing is written', () => {
  // Each reason has its name, and the station sees nothing.
  it('when it must not be', async () => {
    const connected = await ready();
    expect(await send(request(connected, { station: 'nobody' as StationId }))).toEqual({
      written: false,
      reason: 'not-connected',
    });
    expect(await send(request(connected, { epoch: connected.epoch - 1 }))).toEqual({
      written: false,
      reason: 'stale-route',
    });
    expect(await send(request(connected, { version: '2.0.1' }))).toEqual({ written: false, reason: 'stale-route' });
    const past = new Date(Date.now() - 1).toISOString();
    expect(await send(request(connected, { sendBy: past }))).toEqual({ written: false, reason: 'too-late' });
    await connected.s.ask('Heartbeat', {});
    expect(connected.s.received).toEqual([]);
  });

  // One at a time.
  it('while another is outstanding', async () => {
    const connected = await ready();
    let finish: (answer: Record<string, unknown>) => void = () => undefined;
    connected.s.onCall('Reset', () => new Promise((resolve) => void (finish = resolve)));
    const first = send(request(connected));
    await waitUntil('the first is out', () => connected.s.received.length === 1);
    expect(await send(request(connected))).toEqual({ written: false, reason: 'busy' });
    finish({ status: 'Accepted' });
    await first;
    connected.s.onCall('Reset', () => ({ status: 'Accepted' }));
    expect(await send(request(connected))).toMatchObject({ written: true });
  });

  // Before the station's first message was answered, or half a minute has passed.
  it('before the station is ready', async () => {
    const connected = await fresh();
    expect(await send(request(connected))).toEqual({ written: false, reason: 'not-ready' });
    await connected.s.ask('Heartbeat', {});
    connected.s.onCall('Reset', () => ({ status: 'Accepted' }));
    expect(await send(request(connected))).toMatchObject({ written: true });
    await connected.s.ask('Heartbeat', {});
    expect(b.services.of('station.ready', connected.id).length).toBe(1);
  });
  it('until a silent station counts as ready', async () => {
    const { timings } = await import('../src/gateway.js');
    const quick = await b.gateway({ timings: { liveness: { ...timings.liveness, readyAfterSeconds: 1 } } });
    const connected = await fresh(quick);
    await waitUntil('it counts as ready', () => b.services.of('station.ready', connected.id).length === 1);
    connected.s.onCall('Reset', () => ({ status: 'Accepted' }));
    expect(await send(request(connected), quick)).toMatchObject({ written: true });
  });

  // An answer to nothing is counted and harms nobody.
  it('by an answer to nothing', async () => {
    const { s } = await ready();
    s.send([3, 'invented', { status: 'Accepted' }]);
    s.send([4, 'invented', 'InternalError', '', {}]);
    await s.ask('Heartbeat', {});
  });
});

describe('a pending station', () => {
  // It may send what we asked it for, and nothing else.
  it('answers our trigger', async () => {
    count += 1;
    const { identity, station: id } = b.services.know(`C${count}`, { registration: 'pending' });
    const s = await b.station(gateway, identity);
    const status = { connectorId: 1, errorCode: 'NoError', status: 'Available' };
    b.services.onBatch = async (batch) =>
      batch.reports.map((report) =>
        report.type === 'station.booted'
          ? { answer: { status: 'pending', intervalSeconds: 5 } }
          : b.services.receipt(report),
      );
    await s.ask('BootNotification', { chargePointVendor: 'V', chargePointModel: 'M' });
    const epoch = b.services.of('station.connected', id)[0]?.source.epoch ?? 0;
    s.onCall('TriggerMessage', () => ({ status: 'Accepted' }));
    const payload = { requestedMessage: 'StatusNotification' };
    await send(request({ s, id, epoch }, { action: 'TriggerMessage', payload }));
    expect(await s.ask('StatusNotification', status)).toEqual({});
    expect(await s.call('Heartbeat', {})).toMatchObject({ kind: 'error', code: 'SecurityError' });
    b.services.onBatch = async (batch) => batch.reports.map((report) => b.services.receipt(report));
  });
});
