import type { GatewayId, StationId } from '@busbar/domain';
import { FakeClock, testLogger, waitUntil } from '@busbar/testing';
import { describe, expect, it } from 'vitest';
import { Fencing, type FencingPorts } from './fencing.js';

const old = 'old' as GatewayId;
const request = { station: 's1' as StationId, epoch: 7, gateway: 'new' as GatewayId };
const options = { pauseMs: 1, giveUpAfterMs: 15_000, atOnce: 2 };

function setUp(ports: Partial<FencingPorts>) {
  const clock = new FakeClock();
  const fenced: string[] = [];
  const asked: string[] = [];
  const fencing = new Fencing(
    {
      ask: async (gateway, sent) => {
        asked.push(`${gateway} ${sent.station} ${sent.epoch}`);
        return ports.ask ? ports.ask(gateway, sent) : { fenced: true };
      },
      livingGateways: ports.livingGateways ?? (async (gateways) => new Set(gateways)),
    },
    clock,
    testLogger().logger,
    (station) => fenced.push(station),
    options,
  );
  const settled = () => waitUntil('all is asked', () => fencing.outstanding === 0);
  return { fencing, clock, fenced, asked, settled };
}

describe('Fencing', () => {
  // The ordinary: asked once, answered once.
  it('asks the previous owner', async () => {
    const { fencing, fenced, asked, settled } = setUp({});
    fencing.ask(old, request);
    await settled();
    expect([asked, fenced]).toEqual([['old s1 7'], ['s1']]);
  });

  // An owner that does not answer but lives is asked until it does.
  it('repeats', async () => {
    let attempts = 0;
    const { fencing, fenced, settled } = setUp({
      ask: async () => {
        attempts += 1;
        if (attempts < 4) throw new Error('no answer');
        return { fenced: false };
      },
    });
    fencing.ask(old, request);
    await settled();
    expect([attempts, fenced]).toEqual([4, []]);
  });

  // An owner without a lease is dead: nobody asks it again, for any station.
  it('stops when the lease is gone', async () => {
    const { fencing, asked, settled } = setUp({
      ask: async () => {
        throw new Error('no responders');
      },
      livingGateways: async () => new Set(),
    });
    fencing.ask(old, request);
    await settled();
    for (let n = 0; n < 100; n += 1) fencing.ask(old, request);
    await settled();
    expect(asked).toEqual(['old s1 7']);
  });

  // With the directory away it still ends.
  it('gives up', async () => {
    const { fencing, clock, settled } = setUp({
      ask: async () => {
        throw new Error('no answer');
      },
      livingGateways: async () => {
        clock.advance(5000);
        throw new Error('away');
      },
    });
    fencing.ask(old, request);
    await settled();
    expect(fencing.outstanding).toBe(0);
  });
});
