import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import { StationClient, waitUntil } from '../src/index.js';

/** A central system that the tests play by hand. */
let http: Server;
let central: WebSocketServer;
let requests: IncomingMessage[];
let sockets: WebSocket[];
let url: string;
let chosen: string | false;
let refusal: string | null;

beforeEach(async () => {
  requests = [];
  sockets = [];
  chosen = 'ocpp1.6';
  refusal = null;
  http = createServer();
  central = new WebSocketServer({ noServer: true, handleProtocols: () => chosen });
  http.on('upgrade', (request, socket, head) => {
    requests.push(request);
    if (refusal !== null) {
      socket.end(refusal);
      return;
    }
    central.handleUpgrade(request, socket, head, (webSocket) => sockets.push(webSocket));
  });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  url = `ws://127.0.0.1:${(http.address() as AddressInfo).port}/ocpp/`;
});

afterEach(async () => {
  for (const socket of sockets) socket.terminate();
  http.closeAllConnections();
  http.close();
  await once(http, 'close');
});

function basicOf(request: IncomingMessage | undefined): Buffer {
  return Buffer.from((request?.headers.authorization ?? '').replace('Basic ', ''), 'base64');
}

describe('StationClient', () => {
  // The key's bytes go out as they are, whatever they are, and the identity is encoded as one segment.
  it('connects with identity, key and subprotocols', async () => {
    const key = Uint8Array.from([0, 255, 58, 128]);
    const station = await StationClient.connect({ url, identity: 'CP/1 ü', key, protocols: ['ocpp2.0.1', 'ocpp1.6'] });
    expect(requests[0]?.url).toBe('/ocpp/CP%2F1%20%C3%BC');
    expect(requests[0]?.headers['sec-websocket-protocol']).toBe('ocpp2.0.1,ocpp1.6');
    expect(basicOf(requests[0])).toEqual(Buffer.concat([Buffer.from('CP/1 ü:'), key]));
    expect(station.protocol).toBe('ocpp1.6');
    await station.close();
  });

  it('tells status, headers and body of a refusal', async () => {
    refusal = 'HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic\r\nContent-Length: 2\r\n\r\nno';
    await expect(StationClient.connect({ url, identity: 'A' })).rejects.toMatchObject({
      status: 401,
      headers: { 'www-authenticate': 'Basic' },
      body: 'no',
    });
    expect(requests[0]?.headers.authorization).toBeUndefined();
  });

  it('can take a server that chooses no subprotocol', async () => {
    chosen = false;
    const station = await StationClient.connect({ url, identity: 'A', protocols: ['ocpp9'], takeNoProtocol: true });
    expect(requests[0]?.headers['sec-websocket-protocol']).toBe('ocpp9');
    expect(station.protocol).toBe('');
    sockets[0]?.close(1002, 'no version');
    expect(await station.closed).toEqual({ code: 1002, reason: 'no version' });
  });

  it('matches answers to calls by message id', async () => {
    const station = await StationClient.connect({ url, identity: 'A' });
    const heard: unknown[] = [];
    sockets[0]?.on('message', (data: Buffer) => heard.push(JSON.parse(data.toString())));
    const first = station.call('Heartbeat', {}, { messageId: '1' });
    const second = station.call('Authorize', { idTag: 'x' }, { messageId: '2' });
    await waitUntil('both were sent', () => heard.length === 2);
    sockets[0]?.send('[4,"2","FormationViolation","why",{"a":1}]');
    sockets[0]?.send('[3,"1",{"currentTime":"t"}]');
    expect(await first).toEqual({ kind: 'result', payload: { currentTime: 't' } });
    expect(await second).toEqual({ kind: 'error', code: 'FormationViolation', description: 'why', details: { a: 1 } });
    expect(heard).toEqual([
      [2, '1', 'Heartbeat', {}],
      [2, '2', 'Authorize', { idTag: 'x' }],
    ]);
    expect(station.frames.map(({ direction }) => direction)).toEqual(['out', 'out', 'in', 'in']);
    await station.close();
  });

  it('fails a call that is not answered, and one whose connection ends', async () => {
    const station = await StationClient.connect({ url, identity: 'A' });
    await expect(station.call('Heartbeat', {}, { timeoutMs: 20 })).rejects.toThrow('no answer to Heartbeat in 20 ms');
    const call = station.call('Heartbeat', {});
    sockets[0]?.close(1012);
    await expect(call).rejects.toThrow('ended with 1012');
  });

  it('answers calls by its handlers', async () => {
    const station = await StationClient.connect({ url, identity: 'A' });
    station
      .onCall('Reset', ({ payload }) => ({ status: payload['type'] }))
      .onCall('ClearCache', () => ({ errorCode: 'InternalError' }))
      .onCall('GetLog', () => null);
    const heard: string[] = [];
    sockets[0]?.on('message', (data: Buffer) => heard.push(data.toString()));
    for (const action of ['Reset', 'GetLog', 'ClearCache', 'Unknown']) {
      sockets[0]?.send(JSON.stringify([2, action, action, { type: 'Soft' }]));
    }
    await waitUntil('three are answered', () => heard.length === 3);
    expect(heard).toEqual([
      '[3,"Reset",{"status":"Soft"}]',
      '[4,"ClearCache","InternalError","",{}]',
      '[4,"Unknown","NotImplemented","",{}]',
    ]);
    expect(station.received.map(({ action }) => action)).toEqual(['Reset', 'GetLog', 'ClearCache', 'Unknown']);
    await station.close();
  });

  it('sends what no library would, and can vanish', async () => {
    const station = await StationClient.connect({ url, identity: 'A' });
    const heard: string[] = [];
    sockets[0]?.on('message', (data: Buffer) => heard.push(data.toString()));
    station.sendRaw('{not json');
    await waitUntil('it arrived', () => heard.length === 1);
    expect(heard).toEqual(['{not json']);
    const closed = once(sockets[0] ?? http, 'close');
    await station.reset();
    expect((await station.closed).code).toBe(1006);
    expect((await closed)[0]).toBe(1006);
    expect(() => station.writeBytes(Uint8Array.of(0))).toThrow('closed');
  });
});
