import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import type { CommandId, TenantId } from '@busbar/domain';
import type { CallReply, CallRequest } from '@busbar/events';
import { type RunningApp, StationClient, sharedStores, startApp, waitUntil } from '@busbar/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { key } from './fake-services.js';
import { type Bench, bench } from './gateway-under-test.js';

let b: Bench;
const apps: RunningApp[] = [];

beforeEach(async () => {
  b = await bench();
});
afterEach(async () => {
  for (const app of apps.splice(0)) await app.kill();
  await b.close();
});

function environment(): Record<string, string> {
  return {
    BUSBAR_ENVIRONMENT: 'development',
    BUSBAR_GATEWAY_PORT: '0',
    BUSBAR_NATS_URL: sharedStores.natsUrl(),
    BUSBAR_REDIS_URL: sharedStores.redisUrl(),
    BUSBAR_PREFIX: b.prefix,
  };
}

async function start(changes: Record<string, string> = {}): Promise<RunningApp> {
  const app = await startApp('gateway', { ...environment(), ...changes });
  apps.push(app);
  return app;
}

function connect(app: RunningApp, identity: string): Promise<StationClient> {
  b.services.know(identity);
  return StationClient.connect({ url: `ws://127.0.0.1:${app.ports['stations']}/ocpp/`, identity, key });
}

/** Runs a gateway that must not start: its exit code and its error lines. */
async function failedStart(changes: Record<string, string>, before: string[] = []) {
  const main = fileURLToPath(new URL('../dist/main.js', import.meta.url));
  const child = spawn(process.execPath, [...before, main], { env: { ...environment(), ...changes } });
  let output = '';
  child.stdout.on('data', (bytes: Buffer) => (output += bytes.toString()));
  child.stderr.on('data', (bytes: Buffer) => (output += bytes.toString()));
  const code = await new Promise((resolve) => child.once('close', resolve));
  const errors = output
    .split('\n')
    .filter((line) => line.includes('"level":"error"'))
    .map((line): string => JSON.parse(line).msg);
  return { code, errors, output };
}

describe('a gateway process', () => {
  // Serves, shows its health and its metrics, and tells its ports once.
  it('serves', async () => {
    const app = await start();
    const s = await connect(app, 'CP1');
    await s.ask('Heartbeat', {});
    expect(app.lines.filter((line) => line.includes('"msg":"ready"')).length).toBe(1);
    const health = `http://127.0.0.1:${app.ports['health']}`;
    expect((await fetch(`${health}/readyz`)).status).toBe(200);
    const metrics = await waitUntil('the message is counted', async () => {
      const text = await (await fetch(`${health}/metrics`)).text();
      return text.includes('busbar_gateway_messages_total{action="Heartbeat"} 1') && text;
    });
    expect(metrics).toContain('busbar_gateway_stations 1');
    await s.close();
  });

  // Hostile text is nowhere raw: not in a subject, not in a key, not in a log line.
  it('keeps identities out of subjects, keys and raw log bytes', async () => {
    const app = await start({ BUSBAR_LOG_LEVEL: 'debug' });
    const seen: string[] = [];
    const everything = b.bus.connection.subscribe('>', {
      callback: (_, message) => void seen.push(message.subject),
    });
    const hostile = ['a.b', '*', '>', `x' OR '1'='1`, 'a{tag}b:owner', '\u202eevil', '\u2028line'];
    for (const identity of hostile) {
      const s = await connect(app, identity);
      await s.ask('StatusNotification', { connectorId: 1, errorCode: 'NoError', status: 'Available' });
      await s.close();
      await StationClient.connect({
        url: `ws://127.0.0.1:${app.ports['stations']}/ocpp/`,
        identity,
        key: 'wrong',
      }).catch(() => undefined);
    }
    everything.unsubscribe();
    const keys = await b.redis.keys(`${b.prefix}:*`);
    for (const text of [...seen, ...keys]) {
      for (const identity of hostile) expect(text.includes(identity) && identity.length > 1).toBe(false);
    }
    for (const line of app.lines) {
      expect(line).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}]/u);
      expect(() => JSON.parse(line)).not.toThrow();
    }
  });

  // SIGTERM: nobody new, calls in flight answered, connections closed 1012, everything released, exit 0.
  it('drains', async () => {
    const app = await start();
    const known = b.services.know('CP0');
    const stations = await Promise.all(Array.from({ length: 10 }, (_, n) => connect(app, `CP${n}`)));
    const [calling, asking] = stations;
    for (const s of stations) await s.ask('Heartbeat', {});
    calling?.onCall('Reset', async () => {
      await waitUntil('it is draining', () => app.lines.some((line) => line.includes('draining')));
      return { status: 'Accepted' };
    });
    const connected = await waitUntil('it is reported', () => b.services.of('station.connected', known.station)[0]);
    const call: CallRequest = {
      command: 'c' as CommandId,
      tenant: 'default' as TenantId,
      station: known.station,
      epoch: connected.source.epoch,
      messageId: 'in-flight',
      version: '1.6',
      action: 'Reset',
      payload: { type: 'Soft' },
      sendBy: new Date(Date.now() + 5000).toISOString(),
      timeoutMs: 10_000,
    };
    const subject = b.bus.subjects.gatewayCall(connected.source.gateway);
    const reply = b.bus.request<CallReply>(subject, call, { timeoutMs: 15_000 });
    await waitUntil('it is out', () => calling?.received.length === 1);
    let release: () => void = () => undefined;
    const blocked = new Promise<void>((resolve) => {
      release = resolve;
    });
    b.services.onBatch = async (batch) => {
      if (batch.reports.some((report) => report.type === 'authorization.requested')) await blocked;
      return batch.reports.map((report) => b.services.receipt(report));
    };
    const answer = asking?.ask('Authorize', { idTag: 'TAG' });
    await waitUntil('it is asked', () => b.services.of('authorization.requested').length > 0);
    const exit = app.stop();
    await waitUntil('it is draining', () => app.lines.some((line) => line.includes('draining')));
    await expect(connect(app, 'CP99')).rejects.toThrow();
    release();
    expect(await answer).toEqual({ idTagInfo: { status: 'Accepted' } });
    expect(await reply).toMatchObject({ written: true, ending: { kind: 'result' } });
    const ends = await Promise.all(stations.map((s) => s.closed));
    expect(ends).toEqual(stations.map(() => ({ code: 1012, reason: 'draining' })));
    expect(await exit).toEqual({ code: 0, signal: null });
    expect(b.services.of('station.disconnected').length).toBe(10);
    const left = await b.redis.keys(`${b.prefix}:*`);
    const owners = await Promise.all(
      left.map((one) => (one.includes(':station:') ? b.redis.hget(one, 'gateway') : Promise.resolve(one))),
    );
    expect(owners.filter((one) => one !== null)).toEqual([]);
  });

  // Frozen for longer than its lease: on waking nothing is sent to a station that others may hold by now.
  it('fences before it sends after a freeze', async () => {
    const frozen = await start();
    const other = await start();
    const old = await connect(frozen, 'CP1');
    await old.ask('Heartbeat', {});
    frozen.signal('SIGSTOP');
    const taken = await connect(other, 'CP1');
    await taken.ask('Heartbeat', {});
    const before = old.frames.length;
    // The heartbeat lies in the frozen process's socket, before anything else that it will read.
    old.send([2, 'while-frozen', 'Heartbeat', {}]);
    const thawAt = performance.now() + 2500;
    await waitUntil('time has passed', () => performance.now() > thawAt);
    frozen.signal('SIGCONT');
    expect(await old.closed).toEqual({ code: 4001, reason: 'taken-over' });
    expect(old.frames.slice(before).filter((frame) => frame.direction === 'in')).toEqual([]);
    await taken.ask('Heartbeat', {});
    await taken.close();
  });
});

describe('a start that fails', () => {
  // One sentence each, exit 1.
  it('names a bad option', async () => {
    const { code, errors } = await failedStart({ BUSBAR_GATEWAY_PORT: 'x', BUSBAR_ACCEPT_RATE: '0' });
    expect([code, errors.length]).toEqual([1, 1]);
    expect(errors[0]).toContain('BUSBAR_GATEWAY_PORT');
    expect(errors[0]).toContain('BUSBAR_ACCEPT_RATE');
  });

  it('names a busy port', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const port = typeof address === 'object' ? String(address?.port) : '';
    const { code, errors } = await failedStart({ BUSBAR_GATEWAY_PORT: port });
    expect([code, errors]).toEqual([
      1,
      [`The port ${port} on 127.0.0.1 is in use; BUSBAR_GATEWAY_PORT chooses another one.`],
    ]);
    const health = await failedStart({ BUSBAR_HEALTH_PORT: port });
    expect([health.code, health.errors]).toEqual([
      1,
      [`The health port ${port} is in use; BUSBAR_HEALTH_PORT chooses another one.`],
    ]);
    await new Promise((resolve) => server.close(resolve));
  });

  it('names a port that another gateway has', async () => {
    const app = await start();
    const { code, errors } = await failedStart({ BUSBAR_GATEWAY_PORT: String(app.ports['stations']) });
    expect([code, errors[0]]).toEqual([1, expect.stringContaining('is in use')]);
  });

  it('names a descriptor limit that is too low', async () => {
    const { code, errors } = await failedStart({ BUSBAR_STATIONS_MAX: '1000000' });
    expect([code, errors]).toEqual([1, [expect.stringMatching(/1000256 file descriptors.*ulimit/)]]);
  });

  it('names an engine that is missing', async () => {
    // The loader refuses the engine, as an installation without its binary does.
    const hook = `import { registerHooks } from 'node:module';
      registerHooks({ resolve: (name, context, next) => {
        if (name === 'uWebSockets.js') throw new Error('no binary');
        return next(name, context);
      } });`;
    const before = ['--import', `data:text/javascript,${encodeURIComponent(hook)}`];
    const { code, errors } = await failedStart({}, before);
    expect([code, errors]).toEqual([
      1,
      [expect.stringMatching(/^uWebSockets\.js has no native binary for .*Node\.js 22/)],
    ]);
  });
});
