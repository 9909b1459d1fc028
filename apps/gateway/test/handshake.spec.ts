import { connect } from 'node:net';
import { HandshakeRefusal, StationClient, waitUntil } from '@busbar/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { key } from './fake-services.js';
import { type Bench, bench, type GatewayUnderTest } from './gateway-under-test.js';

let b: Bench;
let gateway: GatewayUnderTest;

beforeAll(async () => {
  b = await bench();
  gateway = await b.gateway();
});
afterAll(() => b.close());

type Options = Partial<Parameters<typeof StationClient.connect>[0]>;

async function refusal(identity: string, options: Options = {}, from: GatewayUnderTest = gateway) {
  try {
    await StationClient.connect({ url: from.url, identity, key, ...options });
  } catch (error) {
    if (error instanceof HandshakeRefusal) return error;
    throw error;
  }
  throw new Error('the station was let in');
}

describe('identity', () => {
  // Ordinary identities, however odd, reach the service decoded once and the station is let in.
  it.each(['CP1', 'RDAM 123', 'a/b', 'a%2Fb', 'a.b', '*', '>', `'"`, 'é', 'x'.repeat(255)])(
    'lets %s in',
    async (identity) => {
      b.services.know(identity);
      const station = await b.station(gateway, identity);
      expect(station.protocol).toBe('ocpp1.6');
      expect(b.services.attempts.at(-1)).toEqual({
        identity,
        listener: 'plain',
        remoteAddress: '127.0.0.1',
        basic: Buffer.from(`${identity}:${key}`).toString('base64'),
      });
      await station.close();
    },
  );

  // What no identity can be is refused before anyone is asked.
  it.each(['%', '%zz', '%C3', 'a%00b', 'a%0d%0ab', '', 'a/b', 'x'.repeat(256)])(
    'refuses the segment %s',
    async (segment) => {
      const asked = b.services.attempts.length;
      expect((await refusal('', { segment })).status).toBe(400);
      expect(b.services.attempts.length).toBe(asked);
    },
  );
});

describe('credentials', () => {
  // Unknown station and wrong key can't be told apart.
  it('answers 401 alike', async () => {
    b.services.know('known');
    const wrong = await refusal('known', { key: 'wrong' });
    const unknown = await refusal('unknown');
    const none = await refusal('known', { authorization: '' });
    for (const one of [wrong, unknown, none]) {
      expect([one.status, one.headers['www-authenticate'], one.body, one.headers['content-length']]).toEqual([
        401,
        'Basic realm="Busbar"',
        'Not authorized.\n',
        '16',
      ]);
    }
    expect(Object.keys(wrong.headers)).toEqual(Object.keys(unknown.headers));
  });

  // The key is bytes: colons, NUL and what is no UTF-8 arrive as they were sent.
  it('keeps the bytes of a key', async () => {
    const bytes = Uint8Array.of(0, 0x3a, 0xff, 0xfe, 0x0d, 0x0a);
    await refusal('known', { key: bytes });
    const { basic } = b.services.attempts.at(-1) ?? {};
    expect(Buffer.from(basic ?? '', 'base64')).toEqual(Buffer.concat([Buffer.from('known:'), bytes]));
  });
});

describe('subprotocol', () => {
  // The station's own spelling is echoed, exactly one.
  it.each([
    [['ocpp1.6'], 'ocpp1.6'],
    [['ocpp1.5', 'OCPP1.6'], 'OCPP1.6'],
    [['ocpp2.0.1', 'ocpp1.6'], 'ocpp1.6'],
  ])('chooses from %s', async (protocols, chosen) => {
    b.services.know('sub');
    const station = await b.station(gateway, 'sub', { protocols });
    expect(station.protocol).toBe(chosen);
    await station.close();
  });

  // Nothing in common: the handshake is finished without the header, then closed with 1002.
  it('closes 1002 without a common version', async () => {
    b.services.know('sub9');
    const station = await b.station(gateway, 'sub9', { protocols: ['ocpp9', 'wamp'], takeNoProtocol: true });
    expect(station.protocol).toBe('');
    expect(await station.closed).toEqual({ code: 1002, reason: 'no-common-version' });
    expect(b.services.of('station.connected', b.services.know('sub9').station)).toEqual([]);
  });

  // No header is 400, unless the station is known to leave it out; but first it must be who it says.
  it('refuses a missing header', async () => {
    b.services.know('nosub');
    expect((await refusal('nosub', { protocols: [] })).status).toBe(400);
    expect((await refusal('nosub', { protocols: [], key: 'wrong' })).status).toBe(401);
    b.services.know('assumes', { assumeProtocol: 'ocpp1.6' });
    const station = await b.station(gateway, 'assumes', { protocols: [] });
    expect([station.protocol, (await station.call('Heartbeat', {})).kind]).toEqual(['', 'result']);
    await station.close();
  });
});

describe('other requests', () => {
  // No upgrade at all.
  it('answers 400', async () => {
    const response = await fetch(`http://127.0.0.1:${gateway.port}/ocpp/CP1`);
    expect([response.status, await response.text()]).toEqual([
      400,
      'Charging stations connect here, over WebSocket.\n',
    ]);
  });

  // A request that breaks off while its station is being looked up must not hurt anyone.
  it('survives a request that is aborted', async () => {
    b.services.know('aborts');
    let release: () => void = () => undefined;
    b.services.authenticating = new Promise((resolve) => {
      release = resolve;
    });
    const sockets = Array.from({ length: 20 }, () => {
      const socket = connect(gateway.port, '127.0.0.1');
      socket.write(
        'GET /ocpp/aborts HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
          'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: ocpp1.6\r\n\r\n',
      );
      return socket;
    });
    const asked = () => b.services.attempts.filter((attempt) => attempt.identity === 'aborts').length;
    await waitUntil('all were asked for', () => asked() >= 20);
    for (const socket of sockets) socket.destroy();
    // Another station that connects and is refused afterwards: by then the gateway has seen the others leave.
    expect((await refusal('', { segment: '%' })).status).toBe(400);
    release();
    const station = await b.station(gateway, 'aborts');
    expect((await station.call('Heartbeat', {})).kind).toBe('result');
    await station.close();
    expect(gateway.lines.filter((line) => line.includes('an upgrade failed'))).toEqual([]);
  });
});

describe('limits', () => {
  // Only failures are refused by the count of failures.
  it('answers 429 to failures beyond the limit, and lets a right key in', async () => {
    const limited = await b.gateway({ settings: { failuresPerMinute: 3 } });
    b.services.know('limited');
    const statuses: number[] = [];
    for (let n = 0; n < 5; n += 1) statuses.push((await refusal('limited', { key: 'wrong' }, limited)).status);
    expect(statuses).toEqual([401, 401, 401, 429, 429]);
    const station = await b.station(limited, 'limited');
    expect(station.isOpen).toBe(true);
    await station.close();
  });

  // A storm beyond the rate and the line: 503 with a Retry-After of 1 to 30 s, the others let in at the rate.
  it('answers 503 beyond the accept rate', async () => {
    const slow = await b.gateway({ settings: { acceptPerSecond: 10, acceptWaitMs: 500, connectsPerMinute: 1000 } });
    const outcomes = await Promise.all(
      Array.from({ length: 30 }, async (_, n) => {
        b.services.know(`storm-${n}`);
        return b.station(slow, `storm-${n}`).then(
          () => null,
          (error: unknown) => {
            if (error instanceof HandshakeRefusal) return error;
            throw error;
          },
        );
      }),
    );
    const refused = outcomes.filter((outcome) => outcome !== null);
    expect(refused.length).toBeGreaterThanOrEqual(20);
    expect(refused.length).toBeLessThanOrEqual(25);
    for (const one of refused) {
      expect(one.status).toBe(503);
      expect(Number(one.headers['retry-after'])).toBeGreaterThanOrEqual(1);
      expect(Number(one.headers['retry-after'])).toBeLessThanOrEqual(30);
    }
    expect(new Set(refused.map((one) => one.headers['retry-after'])).size).toBeGreaterThan(3);
  });

  // Who waits in line when the gateway is drained is told, and not left hanging.
  it('answers 503 to the line when it drains', async () => {
    const slow = await b.gateway({ settings: { acceptPerSecond: 1, acceptWaitMs: 3000 } });
    b.services.know('in-line');
    const first = await b.station(slow, 'in-line');
    const waiting = refusal('in-line', {}, slow);
    await waitUntil('one waits', async () => (await slow.metric('busbar_gateway_waiting_upgrades')) === 1);
    const drained = slow.gateway.drain();
    expect([(await waiting).status, (await first.closed).code]).toEqual([503, 1012]);
    await drained;
  });

  // A storm travels to the stations service in batches.
  it('authenticates in batches', async () => {
    const before = b.services.asked.length;
    const many = await Promise.all(
      Array.from({ length: 200 }, (_, n) => {
        b.services.know(`batch-${n}`);
        return b.station(gateway, `batch-${n}`);
      }),
    );
    expect(b.services.asked.length - before).toBeLessThan(100);
    await Promise.all(many.map((station) => station.close()));
  });

  // A gateway that is full sends stations elsewhere.
  it('answers 503 when full', async () => {
    const small = await b.gateway({ stationsMax: 1 });
    b.services.know('first');
    b.services.know('second');
    const first = await b.station(small, 'first');
    expect((await refusal('second', {}, small)).status).toBe(503);
    await first.close();
    const second = await waitUntil('there is room again', () => b.station(small, 'second'));
    await second.close();
  });

  // The same station again and again is held, and says so once; others are let in.
  it('holds a station that flaps', async () => {
    const flapping = await b.gateway({ settings: { connectsPerMinute: 3 } });
    b.services.know('flaps');
    b.services.know('steady');
    for (let n = 0; n < 3; n += 1) await (await b.station(flapping, 'flaps')).close();
    for (let n = 0; n < 3; n += 1) expect((await refusal('flaps', {}, flapping)).status).toBe(503);
    expect(flapping.lines.filter((line) => line.includes('again and again')).length).toBe(1);
    await (await b.station(flapping, 'steady')).close();
  });

  // Without the stations service nobody can be let in; the answer comes within the deadline of 5 s.
  it('answers 503 when nobody can say who it is', async () => {
    b.services.know('nobody');
    b.services.authenticating = new Promise(() => undefined);
    const startedAt = performance.now();
    const { status, headers } = await refusal('nobody');
    b.services.authenticating = Promise.resolve();
    expect([status, Number(headers['retry-after']) >= 1]).toEqual([503, true]);
    expect(performance.now() - startedAt).toBeLessThan(6000);
  });
});
