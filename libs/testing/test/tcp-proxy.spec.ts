import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TcpProxy, waitUntil } from '../src/index.js';

/** Answers each line with `re:` and the line. */
let server: Server;
let proxy: TcpProxy;
let heard: string;
let serverSockets: Socket[];

beforeEach(async () => {
  heard = '';
  serverSockets = [];
  server = createServer((socket) => {
    serverSockets.push(socket);
    socket.on('error', () => undefined);
    socket.on('data', (bytes) => {
      heard += bytes.toString();
      for (const line of bytes.toString().split('\n').slice(0, -1)) socket.write(`re:${line}\n`);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  proxy = await TcpProxy.to(`tcp://127.0.0.1:${(server.address() as AddressInfo).port}`);
});

afterEach(async () => {
  await proxy.close();
  for (const socket of serverSockets) socket.destroy();
  server.close();
  await once(server, 'close');
});

async function dial() {
  const socket = connect(proxy.port, '127.0.0.1');
  const end = { got: '', error: '' };
  socket.on('data', (bytes) => {
    end.got += bytes.toString();
  });
  socket.on('error', (error) => {
    end.error = 'code' in error ? String(error.code) : error.message;
  });
  // A refusal may reset before the connection is told.
  await waitUntil('it is connected or refused', () => !socket.connecting);
  return Object.assign(end, { socket });
}

describe('TcpProxy', () => {
  it('passes both ways, and the end of one side after its last bytes', async () => {
    const caller = await dial();
    caller.socket.end('a\nb\n');
    await once(caller.socket, 'close');
    expect(caller.got).toBe('re:a\nre:b\n');
    expect(caller.error).toBe('');
  });

  it('cuts with a reset and takes new connections', async () => {
    const caller = await dial();
    caller.socket.write('a\n');
    await waitUntil('it is connected through', () => caller.got === 're:a\n');
    proxy.cut();
    await waitUntil('the reset arrives', () => caller.error === 'ECONNRESET');
    await waitUntil('the server sees the end', () => serverSockets[0]?.destroyed);
    const next = await dial();
    next.socket.write('b\n');
    await waitUntil('a new one works', () => next.got === 're:b\n');
    expect(proxy.connections).toBe(1);
  });

  it('refuses until it passes again', async () => {
    proxy.refuse();
    const refused = await dial();
    await waitUntil('it is reset', () => refused.error === 'ECONNRESET');
    expect(serverSockets).toHaveLength(0);
    proxy.pass();
    const caller = await dial();
    caller.socket.write('a\n');
    await waitUntil('it works', () => caller.got === 're:a\n');
  });

  // Held bytes arrive once it passes, in order; meanwhile neither side learns anything.
  it('holds old and new connections', async () => {
    const old = await dial();
    old.socket.write('a\n');
    await waitUntil('it is connected through', () => old.got === 're:a\n');
    proxy.hold();
    const fresh = await dial();
    old.socket.write('b\n');
    fresh.socket.write('c\n');
    proxy.delay(0);
    await waitUntil('the server has the new connection', () => serverSockets.length === 2);
    expect(heard).toBe('a\n');
    proxy.pass();
    await waitUntil('both go on', () => old.got === 're:a\nre:b\n' && fresh.got === 're:c\n');
    expect([old.error, fresh.error]).toEqual(['', '']);
  });

  it('delays each way and keeps the order', async () => {
    const caller = await dial();
    proxy.delay(40);
    const start = performance.now();
    caller.socket.write('a\n');
    await waitUntil('the answer comes', () => caller.got === 're:a\n');
    expect(performance.now() - start).toBeGreaterThanOrEqual(75);
    caller.socket.write('b\n');
    await waitUntil('the second is on its way', () => proxy.connections === 1);
    proxy.delay(0);
    caller.socket.write('c\n');
    await waitUntil('all came', () => caller.got === 're:a\nre:b\nre:c\n');
  });

  // The server does what it was asked; who asked does not learn it.
  it('cuts after a request has passed and before its reply', async () => {
    const caller = await dial();
    const sprung = proxy.cutAfterRequest(/COMMIT/);
    caller.socket.write('begin\n');
    await waitUntil('what does not match passes', () => caller.got === 're:begin\n');
    // In two pieces, as a network may deliver it.
    caller.socket.write('x COM');
    await waitUntil('the first piece is there', () => heard.endsWith('COM'));
    caller.socket.write('MIT\n');
    await sprung;
    await waitUntil('the reset arrives', () => caller.error === 'ECONNRESET');
    await waitUntil('the server has all of it', () => heard === 'begin\nx COMMIT\n');
    expect(caller.got).toBe('re:begin\n');
    const next = await dial();
    next.socket.write('COMMIT\n');
    await waitUntil('it strikes once only', () => next.got === 're:COMMIT\n');
  });

  it('drops one reply and keeps the connection', async () => {
    const caller = await dial();
    const sprung = proxy.dropReply(/re:b/);
    for (const line of ['a', 'b', 'b']) {
      caller.socket.write(`${line}\n`);
      const before = heard.length;
      await waitUntil('the server heard it', () => heard.length >= before && heard.endsWith(`${line}\n`));
      if (line === 'b') await sprung;
    }
    await waitUntil('the second one passes', () => caller.got === 're:a\nre:b\n');
    expect(caller.error).toBe('');
  });

  it('cuts instead of passing a reply', async () => {
    const caller = await dial();
    const sprung = proxy.cutBeforeReply(/re:b/);
    caller.socket.write('b\n');
    await sprung;
    await waitUntil('the reset arrives', () => caller.error === 'ECONNRESET');
    expect(caller.got).toBe('');
  });
});
