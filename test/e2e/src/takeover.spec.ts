import { type System, startSystem, waitUntil } from '@busbar/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { booted, command, connect, register } from './fixture.js';

let system: System;

beforeAll(async () => {
  system = await startSystem();
});
afterAll(() => system?.stop());

describe('a station that connects again elsewhere', () => {
  // The newcomer wins at once; the old socket's end changes nothing; a command reaches the new one, once.
  it.each([
    ['on the other gateway', 0, 1],
    ['on the same gateway', 1, 1],
  ])('is held by its newest connection %s', async (_, first, second) => {
    const station = await register(system);
    const accept = () => ({ status: 'Accepted' });
    const old = (await booted(system, station, first)).onCall('ClearCache', accept);
    const newest = (await connect(system, station, second)).onCall('ClearCache', accept);
    await newest.ask('Heartbeat', {});
    expect((await old.closed).code).toBe(4001);
    for (let time = 0; time < 3; time += 1) {
      expect(await command(system, station, { type: 'ClearCache' })).toMatchObject({ outcome: 'accepted' });
    }
    expect([old.received.length, newest.received.length]).toEqual([0, 3]);
    const view = await system.api<{ connected: boolean }>('GET', `/stations/${station.identity}`);
    expect(view.connected).toBe(true);
    await newest.close();
    await waitUntil('the station is shown as gone', async () => {
      return !(await system.api<{ connected: boolean }>('GET', `/stations/${station.identity}`)).connected;
    });
  });

  // Whoever cannot show the key changes nothing for the one that is connected.
  it('is not disturbed by a stranger with its name', async () => {
    const station = await register(system);
    const held = await booted(system, station);
    const stranger = { ...station, key: Buffer.from('00'.repeat(20), 'hex') };
    for (const gateway of [0, 1]) {
      const refusal = await fetch(system.stationsUrl(gateway).replace('ws:', 'http:') + station.identity, {
        headers: {
          authorization: `Basic ${Buffer.concat([Buffer.from(`${stranger.identity}:`), stranger.key]).toString('base64')}`,
        },
      }).then(({ status }) => status);
      expect(refusal).toBeGreaterThanOrEqual(400);
    }
    expect(await held.ask('Heartbeat', {})).toHaveProperty('currentTime');
    await held.close();
  });
});
