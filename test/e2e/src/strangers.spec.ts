import {
  HandshakeRefusal,
  type RunningApp,
  StationClient,
  type System,
  sharedStores,
  startSystem,
  testBus,
  testRedis,
} from '@busbar/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { booted, register } from './fixture.js';

let system: System;

beforeAll(async () => {
  system = await startSystem();
});
afterAll(() => system?.stop());

async function refusal(options: Omit<Parameters<typeof StationClient.connect>[0], 'url'>): Promise<HandshakeRefusal> {
  try {
    const connected = await StationClient.connect({ url: system.stationsUrl(), ...options });
    await connected.close();
  } catch (error) {
    if (error instanceof HandshakeRefusal) return error;
    throw error;
  }
  throw new Error('the station was let in');
}

describe('a handshake', () => {
  // Nobody learns from the answer whether a station exists.
  it('does not tell an unknown station from a wrong key', async () => {
    const station = await register(system);
    const refusals = [
      await refusal({ identity: 'NOBODY-KNOWS-ME', key: station.key }),
      await refusal({ identity: station.identity, key: 'a wrong key of 20 by' }),
      await refusal({ identity: station.identity, key: station.key, userName: 'someone-else' }),
      await refusal({ identity: station.identity }),
      await refusal({ identity: station.identity, authorization: 'Basic %%%' }),
    ];
    expect(
      new Set(refusals.map(({ status, body, headers }) => JSON.stringify([status, body, headers['www-authenticate']])))
        .size,
    ).toBe(1);
    expect(refusals[0]?.status).toBe(401);
    expect(String(refusals[0]?.headers['www-authenticate'])).toMatch(/^Basic/);
  });

  // Both forms of the key are taken.
  it('takes the key as bytes and as hex', async () => {
    const station = await register(system);
    for (const key of [station.key, station.key.toString('hex'), station.key.toString('hex').toUpperCase()]) {
      const connected = await StationClient.connect({ url: system.stationsUrl(), identity: station.identity, key });
      expect(connected.protocol).toBe('ocpp1.6');
      await connected.close();
    }
  });

  // Paths that name nobody.
  it.each([['%zz'], ['%'], ['%00'], ['a%0d%0ab'], [encodeURIComponent('x'.repeat(256))]])(
    'refuses the path %s',
    async (segment) => {
      expect((await refusal({ identity: 'x', segment, key: 'k' })).status).toBe(400);
    },
  );

  // Subprotocols: one of ours is chosen wherever it stands; none in common ends with 1002; none at all is 400.
  it('agrees on a version or not', async () => {
    const station = await register(system);
    const options = { url: system.stationsUrl(), identity: station.identity, key: station.key };
    const second = await StationClient.connect({ ...options, protocols: ['ocpp0.1', 'ocpp1.6'] });
    expect(second.protocol).toBe('ocpp1.6');
    await second.close();
    const none = await StationClient.connect({ ...options, protocols: ['ocpp0.1'], takeNoProtocol: true });
    expect(none.protocol).toBe('');
    expect((await none.closed).code).toBe(1002);
    expect((await refusal({ identity: station.identity, key: station.key, protocols: [] })).status).toBe(400);
    const lenient = await register(system, { assumeProtocol: 'ocpp1.6' });
    const assumed = await StationClient.connect({ ...options, ...lenient, protocols: [] });
    expect(assumed.protocol).toBe('');
    expect(await assumed.ask('BootNotification', { chargePointVendor: 'v', chargePointModel: 'm' })).toMatchObject({
      status: 'Accepted',
    });
    await assumed.close();
  });
});

describe('hostile identities', () => {
  const hostile = [
    'a.b',
    '*',
    '>',
    "x'; drop table stations.station; --",
    'a/b',
    'sp ace',
    'x"}\\',
    '{tag}:owner',
    'PUB x 5',
    'é\u200bü',
    '$1',
  ];

  // They work like any other when they are registered, and are nowhere as they are: not in a subject, not in a key
  // of Redis, not raw in a log.
  it('are ordinary text', async () => {
    const listener = await testBus({ prefix: system.prefix });
    const subjects: string[] = [];
    const all = listener.bus.connection.subscribe('>', {
      callback: (_, message) => void subjects.push(message.subject),
    });
    for (const identity of hostile) {
      const { key } = await system.api<{ key: string }>('POST', '/stations', { identity, key: 'generate' });
      const connected = await StationClient.connect({
        url: system.stationsUrl(1),
        identity,
        key: Buffer.from(key, 'hex'),
      });
      const boot = { chargePointVendor: identity.slice(0, 20), chargePointModel: identity.slice(0, 20) };
      expect(await connected.ask('BootNotification', boot)).toMatchObject({ status: 'Accepted' });
      expect(await connected.ask('Authorize', { idTag: identity.slice(0, 20) })).toMatchObject({
        idTagInfo: { status: 'Invalid' },
      });
      const view = await system.api<{ identity: string; connected: boolean }>(
        'GET',
        `/stations/${encodeURIComponent(identity)}`,
      );
      expect(view).toMatchObject({ identity, connected: true });
      await connected.close();
      await refusal({ identity: `${identity}?`, key: 'x' });
    }
    all.unsubscribe();
    await listener.bus.connection.flush();
    const redis = await testRedis({ prefix: system.prefix, url: sharedStores.redisUrl() });
    const keys = await redis.redis.keys(`${system.prefix}*`);
    expect(keys.length).toBeGreaterThan(0);
    expect(subjects.length).toBeGreaterThan(0);
    for (const name of [...keys, ...subjects.filter((subject) => subject.startsWith(system.prefix))]) {
      expect(name).toMatch(/^[A-Za-z0-9_.:{}-]+$/);
      for (const identity of hostile.filter((text) => text.length > 2)) expect(name).not.toContain(identity);
    }
    await redis.redis.quit();
    await listener.bus.close();
    const apps: RunningApp[] = Object.values(system.apps).flat();
    for (const { name, lines } of apps) {
      for (const line of lines) {
        expect(() => JSON.parse(line) as unknown, `${name}: ${line}`).not.toThrow();
        // biome-ignore lint/suspicious/noControlCharactersInRegex: raw control characters are what is looked for.
        expect(line).not.toMatch(/[\u0000-\u001f\u007f\u200b]/);
      }
    }
  });
});

describe('a frame that is no frame', () => {
  // Others are served while the sender is cut off.
  it.each([
    [
      'too large',
      (station: StationClient) => station.sendRaw(`[2,"big","Heartbeat",{"x":"${'x'.repeat(300 * 1024)}"}]`),
    ],
    ['binary', (station: StationClient) => station.sendRaw(Buffer.from('[2,"1","Heartbeat",{}]'))],
    [
      'a billion bytes announced',
      (station: StationClient) =>
        station.writeBytes(Buffer.from([0x81, 0xff, 0, 0, 0, 0, 0x3b, 0x9a, 0xca, 0, 1, 2, 3, 4])),
    ],
    ['no UTF-8', (station: StationClient) => station.writeBytes(Buffer.from([0x81, 0x82, 0, 0, 0, 0, 0xc3, 0x28]))],
  ])('%s ends the connection', async (_, send) => {
    const good = await booted(system, await register(system));
    const bad = await booted(system, await register(system));
    send(bad);
    expect([1003, 1006, 1007, 1009]).toContain((await bad.closed).code);
    expect(await good.ask('Heartbeat', {})).toHaveProperty('currentTime');
    await good.close();
  });
});
