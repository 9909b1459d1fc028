import { type System, startSystem, waitUntil } from '@busbar/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { booted, command, register } from './fixture.js';

const shownWithinMs = 15_000;

let system: System;

beforeAll(async () => {
  system = await startSystem();
});
afterAll(() => system?.stop());

describe('a gateway that is killed', () => {
  // Its stations are shown as gone; what was written is unknown; what was not goes to the new connection.
  it('takes nothing with it but what nobody can know', async () => {
    const station = await register(system);
    const silent = (await booted(system, station, 0)).onCall('Reset', () => null);
    await silent.ask('Heartbeat', {});
    const written = await command(system, station, { type: 'Reset', params: { mode: 'OnIdle' } }, 0);
    await waitUntil('the CALL is written', () => silent.received.length === 1);
    const waiting = { whenOffline: 'wait', deadlineSeconds: 120 };
    const queued = await command(system, station, { type: 'ClearCache', ...waiting }, 0);
    expect(queued.state).toBe('queued');

    await system.apps.gateway[0]?.kill();
    const killed = performance.now();
    await waitUntil(
      'the station is shown as gone',
      async () => !(await system.api<{ connected: boolean }>('GET', `/stations/${station.identity}`)).connected,
      { timeoutMs: 30_000 },
    );
    expect(performance.now() - killed).toBeLessThan(shownWithinMs);
    await waitUntil(
      'the written command is unknown',
      async () => (await system.api<{ outcome: string }>('GET', `/commands/${written.id}`)).outcome === 'unknown',
      { timeoutMs: 30_000 },
    );

    const back = (await booted(system, station, 1)).onCall('ClearCache', () => ({ status: 'Accepted' }));
    await waitUntil(
      'the queued command reaches the new connection',
      async () => (await system.api<{ outcome: string }>('GET', `/commands/${queued.id}`)).outcome === 'accepted',
      { timeoutMs: 15_000 },
    );
    expect(back.received.map(({ action }) => action)).toEqual(['ClearCache']);
    await back.close();
  });
});
