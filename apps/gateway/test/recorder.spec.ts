import type { CommandId, TenantId } from '@busbar/domain';
import type { CallRequest, RecordedFrame } from '@busbar/events';
import { ensureStreams } from '@busbar/messaging';
import { waitUntil } from '@busbar/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Bench, bench, type GatewayUnderTest } from './gateway-under-test.js';

let b: Bench;
let gateway: GatewayUnderTest;
const recorded: RecordedFrame[] = [];

beforeAll(async () => {
  b = await bench();
  const size = 16 * 1024 * 1024;
  b.hasStreams = true;
  await ensureStreams(b.bus, { factsBytesMax: size, readingsBytesMax: size, framesBytesMax: size, replicas: 1 });
  b.bus.subscribe<RecordedFrame>(b.bus.subjects.allFrames(), (frame) => recorded.push(frame));
  gateway = await b.gateway();
});
afterAll(() => b.close());

const status = { connectorId: 1, errorCode: 'NoError', status: 'Available' };
const meter = {
  connectorId: 1,
  meterValue: [{ timestamp: '2026-11-22T10:00:00Z', sampledValue: [{ value: '1' }] }],
};

describe('the flight recorder', () => {
  // Both directions, as they were on the wire, in order, with what belongs together.
  it('keeps raw frames', async () => {
    const { station } = b.services.know('CP1');
    const s = await b.station(gateway, 'CP1');
    await s.ask('StatusNotification', { ...status, extra: 1 }, { messageId: 'one' });
    s.sendRaw('no json');
    const frames = () => recorded.filter((frame) => frame.station === station);
    await waitUntil('all is recorded', () => frames().length === 3);
    expect(frames()).toEqual([
      {
        station,
        at: expect.any(String),
        direction: 'in',
        messageId: 'one',
        action: 'StatusNotification',
        frame: JSON.stringify([2, 'one', 'StatusNotification', { ...status, extra: 1 }]),
        deviations: [{ rule: expect.any(String), detail: expect.stringContaining('extra') }],
      },
      {
        station,
        at: expect.any(String),
        direction: 'out',
        messageId: 'one',
        action: 'StatusNotification',
        frame: '[3,"one",{}]',
        answerOf: 'one',
        latencyMs: expect.any(Number),
      },
      { station, at: expect.any(String), direction: 'in', messageId: '', action: '', frame: 'no json' },
    ]);
    expect(
      await waitUntil('it is counted', () =>
        gateway.metric('busbar_gateway_recorded_frames_total{outcome="recorded"}'),
      ),
    ).toBe(3);
  });

  // Heartbeats and meter values only of stations that are watched, and only for as long.
  it('keeps the bulk only while watched', async () => {
    const { station } = b.services.know('CP2');
    const s = await b.station(gateway, 'CP2');
    const watch = (watchedUntil: string | null) =>
      b.bus.request(b.bus.subjects.gatewaySession(gateway.id), { station, watchedUntil }, { timeoutMs: 1000 });
    const actions = () => recorded.filter((frame) => frame.station === station).map((frame) => frame.action);
    await s.ask('Heartbeat', {});
    await s.ask('MeterValues', meter);
    await watch(new Date(Date.now() + 60_000).toISOString());
    await s.ask('Heartbeat', {});
    await s.ask('MeterValues', meter);
    await watch(new Date(Date.now() - 1).toISOString());
    await s.ask('Heartbeat', {});
    await watch(null);
    await s.ask('MeterValues', meter);
    await s.ask('StatusNotification', status);
    await waitUntil('the last is recorded', () => actions().filter((one) => one === 'StatusNotification').length === 2);
    expect(actions()).toEqual([
      'Heartbeat',
      'Heartbeat',
      'MeterValues',
      'MeterValues',
      'StatusNotification',
      'StatusNotification',
    ]);
  });

  // Keys on their way to the station are masked, and so are its answers.
  it('keeps no secrets', async () => {
    const { station } = b.services.know('CP3');
    const s = await b.station(gateway, 'CP3');
    await s.ask('Heartbeat', {});
    s.onCall('ChangeConfiguration', () => ({ status: 'Accepted' }));
    const epoch = await waitUntil(
      'the connection is reported',
      () => b.services.of('station.connected', station)[0]?.source.epoch,
    );
    const call: CallRequest = {
      command: 'c' as CommandId,
      tenant: 'default' as TenantId,
      station,
      epoch,
      messageId: 'secret',
      version: '1.6',
      action: 'ChangeConfiguration',
      payload: { key: 'AuthorizationKey', value: '00112233445566778899aabbccddeeff' },
      sendBy: new Date(Date.now() + 5000).toISOString(),
      timeoutMs: 1000,
    };
    await b.bus.request(b.bus.subjects.gatewayCall(gateway.id), call, { timeoutMs: 2000 });
    expect(s.received[0]?.payload).toEqual(call.payload);
    const frames = await waitUntil('both are recorded', () => {
      const found = recorded.filter((frame) => frame.messageId === 'secret');
      return found.length === 2 && found;
    });
    expect(frames.map((frame) => [frame.direction, frame.answerOf])).toEqual([
      ['out', undefined],
      ['in', 'secret'],
    ]);
    expect(JSON.stringify(recorded)).not.toContain('00112233');
  });

  // Without a stream nothing is kept, and nobody waits for it.
  it('never holds up an answer', async () => {
    const other = await bench();
    const without = await other.gateway();
    other.services.know('CP1');
    const s = await other.station(without, 'CP1');
    for (let n = 0; n < 20; n += 1) await s.ask('StatusNotification', status);
    const count = (outcome: string) => without.metric(`busbar_gateway_recorded_frames_total{outcome="${outcome}"}`);
    await waitUntil('they are counted as lost', async () => (await count('failed')) + (await count('dropped')) === 40);
    await other.close();
  });
});
