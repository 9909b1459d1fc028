import { HandshakeRefusal, waitUntil } from '@busbar/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Bench, bench, type GatewayUnderTest } from './gateway-under-test.js';

let b: Bench;
let gateway: GatewayUnderTest;

beforeEach(async () => {
  b = await bench();
  gateway = await b.gateway();
});
afterEach(() => b.close());

const start = { connectorId: 1, idTag: 'TAG', meterStart: 0, timestamp: '2026-11-22T10:00:00Z' };

describe('a replica that dies', () => {
  // No reply in two seconds: the same report goes out again, and the station is answered.
  it('costs two seconds, not an answer', async () => {
    const { station } = b.services.know('CP1');
    const s = await b.station(gateway, 'CP1');
    let batches = 0;
    b.services.onBatch = async (batch, service) => {
      if (service === 'transactions') {
        batches += 1;
        if (batches === 1) return 'silence';
      }
      return batch.reports.map((report) => b.services.receipt(report));
    };
    const startedAt = performance.now();
    expect(await s.ask('StartTransaction', start)).toMatchObject({ idTagInfo: { status: 'Accepted' } });
    expect(performance.now() - startedAt).toBeGreaterThan(1900);
    expect(performance.now() - startedAt).toBeLessThan(3000);
    const [first, second] = b.services.of('transaction.started', station);
    expect(second).toEqual(first);
  });

  // "again" is no answer: the report is sent until it has one.
  it('is asked again', async () => {
    b.services.know('CP1');
    const s = await b.station(gateway, 'CP1');
    let batches = 0;
    b.services.onBatch = async (batch, service) => {
      if (service !== 'transactions') return batch.reports.map((report) => b.services.receipt(report));
      batches += 1;
      return batch.reports.map((report) => (batches < 4 ? { again: 'serialization' } : b.services.receipt(report)));
    };
    expect(await s.ask('StartTransaction', start)).toMatchObject({ idTagInfo: { status: 'Accepted' } });
    expect(batches).toBe(4);
  });

  // A reply that has not one receipt per report is no reply.
  it('may answer nonsense', async () => {
    b.services.know('CP1');
    const s = await b.station(gateway, 'CP1');
    let batches = 0;
    b.services.onBatch = async (batch, service) => {
      if (service === 'transactions') batches += 1;
      return service === 'transactions' && batches === 1 ? [] : batch.reports.map((one) => b.services.receipt(one));
    };
    expect(await s.ask('StartTransaction', start)).toMatchObject({ idTagInfo: { status: 'Accepted' } });
  });
});

describe('a service that is away', () => {
  // Billing and state: hung up on after 8 s, never an error, never an invented answer.
  it('ends in 1012 for what must be stored', async () => {
    const { station } = b.services.know('CP1');
    b.services.know('CP2');
    const s = await b.station(gateway, 'CP1');
    const other = await b.station(gateway, 'CP2');
    b.services.onBatch = async (batch, service) =>
      service === 'transactions' ? 'silence' : batch.reports.map((report) => b.services.receipt(report));
    const startedAt = performance.now();
    s.send([2, 'lost', 'StartTransaction', start]);
    const keepsTalking = setInterval(
      () =>
        other.send([
          2,
          'x',
          'StatusNotification',
          {
            connectorId: 1,
            errorCode: 'NoError',
            status: 'Available',
          },
        ]),
      1000,
    );
    expect(await s.closed).toEqual({ code: 1012, reason: 'not-answered' });
    clearInterval(keepsTalking);
    const tookMs = performance.now() - startedAt;
    expect(tookMs).toBeGreaterThan(7500);
    expect(tookMs).toBeLessThan(9500);
    expect(s.frames.filter((frame) => frame.direction === 'in')).toEqual([]);
    // Its reports are dropped with it: once the service is back it is not asked for them.
    b.services.onBatch = async (batch) => batch.reports.map((report) => b.services.receipt(report));
    const asked = b.services.of('transaction.started', station).length;
    const again = await b.station(gateway, 'CP1');
    await again.ask('StartTransaction', start);
    expect(b.services.of('transaction.started', station).length).toBe(asked + 1);
    expect(other.isOpen).toBe(true);
  });

  // A decision: InternalError after 5 s, the connection stays, nothing is invented.
  it('ends in InternalError for a decision', async () => {
    b.services.know('CP1');
    const s = await b.station(gateway, 'CP1');
    b.services.onBatch = async (batch, service) =>
      service === 'authorization' ? 'silence' : batch.reports.map((report) => b.services.receipt(report));
    const startedAt = performance.now();
    expect(await s.call('Authorize', { idTag: 'TAG' })).toMatchObject({ kind: 'error', code: 'InternalError' });
    expect(performance.now() - startedAt).toBeGreaterThan(4500);
    await s.ask('Heartbeat', {});
  });
});

describe('the commit path', () => {
  // No receipt from anyone for the limit: nobody is let in until a probe is answered; then all is well again.
  it('is noticed when away and when back', async () => {
    const quick = await b.gateway({ timings: { commitPathAwayMs: 1000 }, settings: { connectsPerMinute: 10_000 } });
    b.services.know('CP1');
    b.services.know('CP2');
    const s = await b.station(quick, 'CP1');
    await s.ask('StartTransaction', start);
    const served = b.services.onBatch;
    b.services.onBatch = async () => 'silence';
    s.send([2, 'waits', 'StartTransaction', { ...start, meterStart: 1 }]);
    await waitUntil('upgrades are refused', async () => {
      try {
        await (await b.station(quick, 'CP2')).close();
        return false;
      } catch (error) {
        return error instanceof HandshakeRefusal && error.status === 503 && error.headers['retry-after'] !== undefined;
      }
    });
    expect(() => quick.gateway.check()).toThrow('commit-path');
    const probes = () => b.services.batches.filter((batch) => batch.size === 0).length;
    await waitUntil('probes are sent', () => probes() >= 2);
    b.services.onBatch = served;
    await waitUntil('a station is let in again', async () => (await b.station(quick, 'CP2')).isOpen);
    expect(() => quick.gateway.check()).not.toThrow();
  });
});

describe('memory', () => {
  // Beyond the bound the newest is hung up on; those who wait already keep waiting.
  it('is bounded while services are away', async () => {
    const small = await b.gateway({ settings: { waitingBytesMax: 100_000 } });
    b.services.onBatch = async (batch, service) =>
      service === 'stations' ? batch.reports.map((report) => b.services.receipt(report)) : 'silence';
    const message = { vendorId: 'x', data: 'x'.repeat(30_000) };
    const stations = [];
    for (let n = 0; n < 3; n += 1) {
      b.services.know(`CP${n}`);
      stations.push(await b.station(small, `CP${n}`));
    }
    b.services.onBatch = async () => 'silence';
    for (const [n, s] of stations.entries()) s.send([2, `m${n}`, 'DataTransfer', message]);
    await waitUntil('three wait', async () => (await small.metric('busbar_gateway_waiting_bytes')) > 90_000);
    b.services.know('CP3');
    const newest = await b.station(small, 'CP3');
    newest.send([2, 'm3', 'DataTransfer', message]);
    expect(await newest.closed).toEqual({ code: 1012, reason: 'overloaded' });
    expect(stations.map((s) => s.isOpen)).toEqual([true, true, true]);
    for (const s of stations) await s.close();
    await waitUntil(
      'the bytes are given back',
      async () => (await small.metric('busbar_gateway_waiting_bytes')) === 0,
      { timeoutMs: 10_000 },
    );
  });

  // A station that does not read is dropped, and nothing is sent after the first frame that was thrown away.
  it('is bounded when a station does not read', async () => {
    b.services.know('CP1');
    const s = await b.station(gateway, 'CP1');
    await s.ask('Heartbeat', {});
    s.pause();
    const { station } = b.services.know('CP1');
    const connected = await waitUntil('it is reported', () => b.services.of('station.connected', station)[0]);
    const { epoch } = connected.source;
    const big = 'x'.repeat(200_000);
    const call = (n: number) =>
      b.bus.request<{ written: boolean }>(
        b.bus.subjects.gatewayCall(gateway.id),
        {
          command: `c${n}`,
          tenant: 'default',
          station,
          epoch,
          messageId: `big-${n}`,
          version: '1.6',
          action: 'DataTransfer',
          payload: { vendorId: 'x', data: big },
          sendBy: new Date(Date.now() + 5000).toISOString(),
          timeoutMs: 1,
        },
        { timeoutMs: 2000 },
      );
    let written = 0;
    for (let n = 0; n < 200; n += 1) {
      if (!(await call(n)).written) break;
      written += 1;
    }
    // The system's own buffers take some megabytes before anything waits in the gateway.
    expect(written).toBeGreaterThan(0);
    expect(written).toBeLessThan(150);
    const gone = await waitUntil('it is gone', () => b.services.of('station.disconnected', station)[0]);
    expect(gone.data).toEqual({ code: 1006, reason: 'slow-reader' });
    await s.reset();
  });
});
