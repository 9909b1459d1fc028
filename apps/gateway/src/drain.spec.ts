import type { StationId, TenantId } from '@busbar/domain';
import { Metrics } from '@busbar/observability';
import { FakeClock, testLogger } from '@busbar/testing';
import { describe, expect, it } from 'vitest';
import { Connection, type PendingCall } from './connection/connection.js';
import { Connections } from './connection/connections.js';
import { Sender } from './connection/sender.js';
import { closeAll } from './drain.js';
import { GatewayMetrics } from './metrics.js';
import { Pulse } from './ownership/pulse.js';

function setUp(count: number) {
  const clock = new FakeClock();
  const pulse = new Pulse(
    clock,
    { holdAfterMs: 10_000, lostAfterMs: 20_000, stallMs: 1500 },
    { lost: () => undefined, fresh: () => undefined },
  );
  const connections = new Connections();
  const closed: { code: number; at: number }[] = [];
  const sender = new Sender(pulse, new GatewayMetrics(new Metrics({ processMetrics: false })), testLogger().logger);
  const made = Array.from({ length: count }, (_, n) => {
    const connection = new Connection(
      {
        tenant: 'default' as TenantId,
        station: `s${n}` as StationId,
        identity: `CP${n}`,
        registration: 'accepted',
        everAccepted: true,
        securityProfile: 1,
        heartbeatIntervalSeconds: 300,
        strict: false,
        assumeProtocol: null,
        watchedUntil: null,
      },
      '1.6',
      '127.0.0.1',
      0,
    );
    connection.socket = {
      send: () => 1,
      ping: () => 1,
      close: () => undefined,
      end: (code = 0) => {
        closed.push({ code, at: performance.now() });
        connection.socket = null;
        connections.remove(connection);
      },
    };
    connections.add(connection);
    return connection;
  });
  return { connections, sender, closed, made };
}

describe('closeAll', () => {
  // Evenly: never more than the rate allows in any stretch of time.
  it('closes at its rate', async () => {
    const { connections, sender, closed } = setUp(60);
    const startedAt = performance.now();
    await closeAll(connections, sender, { perSecondMin: 200, stepMs: 10, patienceMs: 5000 });
    expect(closed.map(({ code }) => code)).toEqual(Array.from({ length: 60 }, () => 1012));
    const soon = closed.filter(({ at }) => at - startedAt < 100).length;
    expect(soon).toBeLessThanOrEqual(24);
  });

  // One that waits for its answer is closed last, when it has it; one that never has it, when patience ends.
  it('waits for who waits', async () => {
    const { connections, sender, closed, made } = setUp(6);
    const [first, second] = made;
    const call: PendingCall = {
      frame: { kind: 'call', messageId: '1', action: 'Heartbeat', payload: {}, text: '', deviations: [] },
      digest: '',
      bytes: 0,
      receivedAt: '',
      receivedMs: 0,
      notBeforeMs: 0,
      begun: true,
      joined: 0,
    };
    if (first) first.calls = [call];
    if (second) second.calls = [call];
    setTimeout(() => {
      if (first) first.calls = [];
    }, 60);
    const done = closeAll(connections, sender, { perSecondMin: 1000, stepMs: 10, patienceMs: 150 });
    await done;
    expect(closed.length).toBe(6);
    const gap = (closed[5]?.at ?? 0) - (closed[3]?.at ?? 0);
    expect(gap).toBeGreaterThan(100);
  });
});
