import type { StationId, TenantId } from '@busbar/domain';
import { Metrics } from '@busbar/observability';
import { FakeClock, testLogger } from '@busbar/testing';
import { describe, expect, it } from 'vitest';
import { GatewayMetrics } from '../metrics.js';
import { Pulse } from '../ownership/pulse.js';
import { closes } from './close-codes.js';
import { Connection } from './connection.js';
import { Sender } from './sender.js';

function setUp() {
  const clock = new FakeClock();
  const pulse = new Pulse(
    clock,
    { holdAfterMs: 10_000, lostAfterMs: 20_000, stallMs: 1500 },
    { lost: () => sender.discard(), fresh: () => sender.release() },
  );
  const sender = new Sender(pulse, new GatewayMetrics(new Metrics({ processMetrics: false })), testLogger().logger);
  const wire: string[] = [];
  const connection = new Connection(
    {
      tenant: 'default' as TenantId,
      station: 's1' as StationId,
      identity: 'CP1',
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
  let room = Number.POSITIVE_INFINITY;
  connection.phase = 'held';
  connection.socket = {
    send: (frame) => {
      if (room <= 0) return 2;
      room -= 1;
      wire.push(frame);
      return 1;
    },
    ping: () => wire.push('ping'),
    close: () => wire.push('dropped'),
    end: (code, reason) => wire.push(`closed ${code} ${reason}`),
  };
  const send = (frame: string) => sender.send(connection, frame, clock.monotonicMs());
  /** Time passes with a loop that turns. */
  const live = (ms: number) => {
    for (let passed = 0; passed < ms; passed += 250) {
      clock.advance(250);
      pulse.tick();
    }
  };
  return { clock, pulse, sender, connection, wire, send, live, limit: (frames: number) => void (room = frames) };
}

describe('Sender', () => {
  // The ordinary.
  it('writes', () => {
    const { send, wire } = setUp();
    expect([send('a'), send('b'), wire]).toEqual([true, true, ['a', 'b']]);
  });

  // After the first frame that the engine threw away nothing is sent, and the connection is dropped.
  it('sends nothing after a dropped frame', () => {
    const { send, wire, limit, connection } = setUp();
    limit(1);
    expect([send('a'), send('b')]).toEqual([true, false]);
    limit(10);
    expect([send('c'), wire]).toEqual([false, ['a', 'dropped']]);
    expect(connection.closedFor).toEqual({ code: 1006, reason: 'slow-reader' });
  });

  // A fenced connection is silent; its close is said once.
  it('is silent once fenced', () => {
    const { send, sender, connection, wire, clock } = setUp();
    sender.fence(connection);
    expect(send('a')).toBe(false);
    sender.ping(connection, clock.monotonicMs());
    sender.close(connection, closes.takenOver);
    sender.close(connection, closes.draining);
    expect(wire).toEqual(['closed 4001 taken-over']);
  });

  // In doubt answers wait in order, and CALLs of ours are not written at all.
  it('holds in doubt', () => {
    const { send, sender, connection, wire, clock, pulse } = setUp();
    clock.advance(2000);
    expect([send('a'), send('b'), wire]).toEqual([true, true, []]);
    expect(sender.sendNow(connection, 'call', clock.monotonicMs())).toBe(false);
    pulse.heard(clock.monotonicMs());
    send('c');
    expect(wire).toEqual(['a', 'b', 'c']);
  });

  // The doubt ends badly: what waited is never written.
  it('discards when ownership is lost', () => {
    const { send, wire, live, pulse, clock } = setUp();
    live(11_000);
    expect(send('a')).toBe(true);
    live(10_000);
    expect(send('b')).toBe(false);
    pulse.heard(clock.monotonicMs());
    expect(wire).toEqual([]);
  });

  // Fenced while its answer waited: the answer is not written either.
  it('does not release to a fenced connection', () => {
    const { send, sender, connection, wire, clock, pulse } = setUp();
    clock.advance(2000);
    send('a');
    sender.fence(connection);
    pulse.heard(clock.monotonicMs());
    expect(wire).toEqual([]);
  });
});
