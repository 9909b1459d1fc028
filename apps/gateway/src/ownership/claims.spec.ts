import { DirectoryError, LocalDirectory } from '@busbar/directory';
import type { GatewayId, StationId, TenantId } from '@busbar/domain';
import type { ClaimAnnouncement } from '@busbar/events';
import { Metrics } from '@busbar/observability';
import { FakeClock, testLogger } from '@busbar/testing';
import { describe, expect, it } from 'vitest';
import { Connection } from '../connection/connection.js';
import { Connections } from '../connection/connections.js';
import { Sender } from '../connection/sender.js';
import { GatewayMetrics } from '../metrics.js';
import { Claims, type ClaimsParts } from './claims.js';
import { Epochs } from './epochs.js';
import { Fencing } from './fencing.js';
import { Pulse } from './pulse.js';

const station = 's1' as StationId;
const other = 'other' as GatewayId;

function setUp(id: string, directory?: ClaimsParts['directory']) {
  const clock = new FakeClock();
  const gateway = id as GatewayId;
  const { logger } = testLogger();
  const metrics = new GatewayMetrics(new Metrics({ processMetrics: false }));
  const pulse = new Pulse(
    clock,
    { holdAfterMs: 10_000, lostAfterMs: 20_000, stallMs: 1500 },
    { lost: () => undefined, fresh: () => undefined },
  );
  const connections = new Connections();
  const announced: ClaimAnnouncement[] = [];
  const fenceAsked: string[] = [];
  const fencing = new Fencing(
    {
      ask: async (previous, request) => {
        fenceAsked.push(`${previous} ${request.epoch}`);
        return { fenced: true };
      },
      livingGateways: async (gateways) => new Set(gateways),
    },
    clock,
    logger,
    () => undefined,
  );
  const claims = new Claims({
    gateway,
    directory: directory ?? new LocalDirectory({ clock }),
    connections,
    sender: new Sender(pulse, metrics, logger),
    epochs: new Epochs(clock),
    fencing,
    metrics,
    logger,
    announce: (claim) => announced.push(claim),
    takenOver: () => undefined,
  });
  const connection = () => {
    const closed: number[] = [];
    const made = new Connection(
      {
        tenant: 'default' as TenantId,
        station,
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
    made.socket = { send: () => 1, ping: () => 1, close: () => 1, end: (code = 0) => closed.push(code) };
    connections.add(made);
    return { made, closed };
  };
  return { claims, connections, connection, announced, fenceAsked, clock, gateway };
}

const away: ClaimsParts['directory'] = {
  claim: () => Promise.reject(new DirectoryError('away')),
  release: () => Promise.reject(new DirectoryError('away')),
};

describe('Claims', () => {
  // The second of two connections displaces the first; the first one's close changes nothing.
  it('gives a station to the newest', async () => {
    const { claims, connections, connection } = setUp('g1');
    const [first, second] = [connection(), connection()];
    expect(await claims.claim(first.made)).toBe(true);
    expect(await claims.claim(second.made)).toBe(true);
    expect([first.closed, first.made.phase, second.closed]).toEqual([[4001], 'fenced', []]);
    connections.remove(first.made);
    expect(connections.holder(station)).toBe(second.made);
  });

  // Two claims whose answers come in the wrong order: the higher epoch stays.
  it('does not let an older claim displace a newer one', async () => {
    const answers: ((epoch: number) => void)[] = [];
    const { claims, connections, connection } = setUp('g1', {
      claim: () => new Promise((resolve) => answers.push((epoch) => resolve({ epoch, previous: null }))),
      release: async () => true,
    });
    const [older, newer] = [connection(), connection()];
    const outcomes = [claims.claim(older.made), claims.claim(newer.made)];
    answers[1]?.(2);
    await outcomes[1];
    answers[0]?.(1);
    expect(await Promise.all(outcomes)).toEqual([false, true]);
    expect([connections.holder(station), older.closed, newer.closed]).toEqual([newer.made, [4001], []]);
  });

  // Closed before the directory answered: the claim is given back at once.
  it('releases a claim that came too late', async () => {
    const released: number[] = [];
    const { claims, connections, connection } = setUp('g1', {
      claim: async () => ({ epoch: 5, previous: null }),
      release: async (_, __, epoch) => released.push(epoch) > 0,
    });
    const { made } = connection();
    const outcome = claims.claim(made);
    made.socket = null;
    expect(await outcome).toBe(false);
    expect([released, connections.holder(station)]).toEqual([[5], undefined]);
  });

  // Another gateway held it: it is asked to fence, with the new epoch.
  it('asks the previous owner to fence', async () => {
    const { claims, connection, fenceAsked } = setUp('g1', {
      claim: async () => ({ epoch: 7, previous: { gateway: other, epoch: 6 } }),
      release: async () => true,
    });
    await claims.claim(connection().made);
    expect(fenceAsked).toEqual(['other 7']);
  });

  // Without the directory: an epoch of our own, announced to all.
  it('claims by itself', async () => {
    const { claims, connection, announced, clock, gateway } = setUp('g1', away);
    const { made } = connection();
    expect(await claims.claim(made)).toBe(true);
    expect(made.epoch).toBe(clock.now().getTime() * 1000);
    expect(announced).toEqual([{ station, gateway, epoch: made.epoch }]);
  });

  // What is heard of others: newer fences ours, older is told of ours, equal is settled by the greater id.
  it('settles with others', async () => {
    const { claims, connection, announced } = setUp('g5', away);
    const { made, closed } = connection();
    await claims.claim(made);
    announced.length = 0;
    claims.heard({ station, gateway: other, epoch: made.epoch - 1 });
    expect([closed, announced]).toEqual([[], [{ station, gateway: 'g5', epoch: made.epoch }]]);
    claims.heard({ station, gateway: 'g4' as GatewayId, epoch: made.epoch });
    expect([closed, announced.length]).toEqual([[], 2]);
    claims.heard({ station: 'unknown' as StationId, gateway: other, epoch: made.epoch + 1 });
    expect([closed, announced.length]).toEqual([[], 2]);
    claims.heard({ station, gateway: 'g6' as GatewayId, epoch: made.epoch });
    expect([closed, announced.length]).toEqual([[4001], 2]);
  });

  // Its own announcement comes back to every gateway, and means nothing to it.
  it('ignores its own word', async () => {
    const { claims, connection, announced, gateway } = setUp('g1', away);
    const { made, closed } = connection();
    await claims.claim(made);
    claims.heard({ station, gateway, epoch: made.epoch + 1 });
    expect([closed, announced.length]).toEqual([[], 1]);
  });
});
