import { type System, startSystem, waitUntil } from '@busbar/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { booted, command, decisionOf, register, startOf, token, transactionsOf } from './fixture.js';

let system: System;

beforeAll(async () => {
  system = await startSystem({ counts: { commands: 2 } });
});
afterAll(() => system?.stop());

describe('a command', () => {
  // Whichever gateway holds the station, the outcome is the station's own word.
  it.each([0, 1])('reaches a station on gateway %i', async (gateway) => {
    const station = await register(system);
    const connected = (await booted(system, station, gateway))
      .onCall('Reset', () => ({ status: 'Rejected' }))
      .onCall('UnlockConnector', () => ({ status: 'UnlockFailed' }))
      .onCall('ClearCache', () => ({ status: 'Accepted' }))
      .onCall('ChangeAvailability', () => ({ errorCode: 'NotSupported', description: 'no' }));
    await connected.ask('Heartbeat', {});
    const ended = async (type: string, params: object = {}) => {
      const { state, outcome, detail, calls } = await command(system, station, { type, params });
      return { state, outcome, detail, calls: calls.map(({ action, outcome: one }) => [action, one]) };
    };
    expect(await ended('Reset', { mode: 'OnIdle' })).toMatchObject({ outcome: 'rejected', detail: 'Rejected' });
    expect(await ended('UnlockConnector', { evseId: 1 })).toMatchObject({
      outcome: 'rejected',
      detail: 'UnlockFailed',
    });
    expect(await ended('ClearCache')).toMatchObject({
      state: 'ended',
      outcome: 'accepted',
      calls: [['ClearCache', 'accepted']],
    });
    expect(await ended('ChangeAvailability', { operational: false })).toMatchObject({
      outcome: 'error',
      detail: expect.stringContaining('NotSupported'),
    });
    expect(connected.received.map(({ action, payload }) => [action, payload])).toEqual([
      ['Reset', { type: 'Soft' }],
      ['UnlockConnector', { connectorId: 1 }],
      ['ClearCache', {}],
      ['ChangeAvailability', { connectorId: 0, type: 'Inoperative' }],
    ]);
    await connected.close();
  });

  // The transaction that a remote start began is its effect, and the transaction names the command.
  it('is followed to its effect', async () => {
    const station = await register(system);
    const idToken = await token(system);
    const connected = (await booted(system, station, 1)).onCall('RemoteStartTransaction', () => ({
      status: 'Accepted',
    }));
    await connected.ask('Heartbeat', {});
    const made = await command(system, station, { type: 'RequestStartTransaction', params: { evseId: 1, idToken } });
    expect(made).toMatchObject({ outcome: 'accepted', effect: null });
    const { transactionId } = decisionOf(await connected.ask('StartTransaction', startOf(idToken)));
    const [transaction] = await transactionsOf(system, station);
    await waitUntil('the effect is seen', async () => {
      const { effect } = await system.api<{ effect: { ref: string } | null }>('GET', `/commands/${made.id}`);
      return effect?.ref === transaction?.id;
    });
    await waitUntil('the transaction names its command', async () => {
      const [now] = await transactionsOf(system, station);
      return now?.remoteStartCommandId === made.id;
    });
    connected.onCall('RemoteStopTransaction', () => ({ status: 'Accepted' }));
    const stopped = await command(system, station, {
      type: 'RequestStopTransaction',
      params: { transaction: transaction?.id },
    });
    expect(stopped.outcome).toBe('accepted');
    expect(connected.received.at(-1)?.payload).toEqual({ transactionId });
    await connected.close();
  });

  // What was asked while the station was away goes out when it is back, in order of urgency, and expires otherwise.
  it('waits for a station that is offline', async () => {
    const station = await register(system);
    const refused = await command(system, station, { type: 'ClearCache' });
    expect(refused).toMatchObject({ state: 'ended', outcome: 'not-sent' });
    const waiting = { whenOffline: 'wait', deadlineSeconds: 60 };
    const cache = await command(system, station, { type: 'ClearCache', ...waiting }, 0);
    const reset = await command(system, station, { type: 'Reset', params: { mode: 'OnIdle' }, ...waiting }, 0);
    const expiring = await command(
      system,
      station,
      { type: 'ClearCache', whenOffline: 'wait', deadlineSeconds: 1 },
      10,
    );
    expect(expiring).toMatchObject({ state: 'ended', outcome: 'expired' });
    const connected = (await booted(system, station))
      .onCall('ClearCache', () => ({ status: 'Accepted' }))
      .onCall('Reset', () => ({ status: 'Accepted' }));
    for (const { id } of [cache, reset]) {
      await waitUntil(
        'the command has ended',
        async () => {
          const { outcome } = await system.api<{ outcome: string | null }>('GET', `/commands/${id}`);
          return outcome === 'accepted';
        },
        { timeoutMs: 15_000 },
      );
    }
    expect(connected.received.map(({ action }) => action)).toEqual(['Reset', 'ClearCache']);
    await connected.close();
  });

  // The same idempotency key asks the station once.
  it('is sent once under one idempotency key', async () => {
    const station = await register(system);
    const connected = (await booted(system, station)).onCall('ClearCache', () => ({ status: 'Accepted' }));
    await connected.ask('Heartbeat', {});
    const ids = await Promise.all(
      Array.from({ length: 4 }, async () => {
        const response = await fetch(`${system.apiUrl}/v1/stations/${station.identity}/commands`, {
          method: 'POST',
          headers: {
            authorization: `Bearer ${system.apiKey}`,
            'content-type': 'application/json',
            'idempotency-key': 'once-only',
            prefer: 'wait=10',
          },
          body: JSON.stringify({ type: 'ClearCache' }),
        });
        return ((await response.json()) as { id: string }).id;
      }),
    );
    expect(new Set(ids).size).toBe(1);
    await waitUntil('the command has ended', async () => {
      const { state } = await system.api<{ state: string }>('GET', `/commands/${ids[0]}`);
      return state === 'ended';
    });
    expect(connected.received).toHaveLength(1);
    await connected.close();
  });
});
