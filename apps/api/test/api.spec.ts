import 'reflect-metadata';
import { readSettings } from '@busbar/config';
import { defaultTenant, type FactId, type StationId, systemClock, TimeOrderedIds } from '@busbar/domain';
import {
  type Ask,
  type AskReply,
  authorizationOperations,
  commandOperations,
  type Fact,
  type FactType,
  type Operation,
  ProblemError,
  type Scope,
  stationOperations,
  transactionOperations,
} from '@busbar/events';
import { ensureStreams, StreamPublisher } from '@busbar/messaging';
import { Metrics } from '@busbar/observability';
import { type Database, openDatabase } from '@busbar/persistence';
import { partsModule, serviceSettings } from '@busbar/service-host';
import { type TestBus, type TestDatabase, testBus, testDatabase, testLogger } from '@busbar/testing';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ApiModule, keyStoreOf } from '../src/api.module.js';
import { type ApiParts, createApp } from '../src/create-app.js';
import type { KeyStore } from '../src/keys/key-store.js';
import { apiSettings } from '../src/settings.js';

let base: string;
let app: NestFastifyApplication;
let database: Database;
let stored: TestDatabase;
let bus: TestBus;
let keys: KeyStore;
const all = 'an-api-key-with-every-scope';
const station = '01kax9v3v8f4w2n5s7q9t1y3z6' as StationId;
const asked: { operation: string; ask: Ask<unknown> }[] = [];

/** What a fake service says to an operation; the tests of this file are about the API alone. */
const answers = new Map<string, (request: unknown) => unknown>();

function serve<Q, A>(operation: Operation<Q, A>, answer: (request: Q) => A): void {
  answers.set(operation.name, (request) => answer(request as Q));
}

beforeAll(async () => {
  stored = await testDatabase({ schemas: [{ schema: 'api', directory: new URL('../migrations/', import.meta.url) }] });
  bus = await testBus();
  const { logger } = testLogger();
  const bytesMax = 8 * 1024 * 1024;
  await ensureStreams(bus.bus, {
    factsBytesMax: bytesMax,
    readingsBytesMax: bytesMax,
    framesBytesMax: bytesMax,
    replicas: 1,
  });
  database = openDatabase({ url: stored.url, applicationName: 'api-test', poolMax: 4, logger });
  const { settings } = readSettings(
    { ...serviceSettings, ...apiSettings },
    { BUSBAR_POSTGRES_URL: stored.url, BUSBAR_STREAMS_PER_KEY: '5' },
  );
  const parts: ApiParts = {
    name: 'api',
    settings,
    logger,
    metrics: new Metrics({ processMetrics: false }),
    database,
    bus: bus.bus,
    clock: systemClock,
    ids: new TimeOrderedIds(),
    checks: {},
  };
  const operations = [stationOperations, authorizationOperations, transactionOperations, commandOperations];
  for (const operation of operations.flatMap((group): Operation<unknown, unknown>[] => Object.values(group))) {
    bus.bus.serve<Ask<unknown>>(bus.bus.subjects.ask(operation.name), async (ask): Promise<AskReply<unknown>> => {
      asked.push({ operation: operation.name, ask });
      try {
        return { answer: answers.get(operation.name)?.(ask.request) ?? {} };
      } catch (error) {
        if (error instanceof ProblemError) return { problem: error.problem };
        throw error;
      }
    });
  }
  keys = keyStoreOf(parts);
  await keys.ensure(all, defaultTenant);
  const module = ApiModule.with(keys);
  app = await createApp({ ...module, imports: [partsModule(parts)] }, parts, keys, {
    log: () => undefined,
    error: () => undefined,
    warn: () => undefined,
  });
  await app.listen(0, '127.0.0.1');
  base = await app.getUrl();
});

afterAll(async () => {
  await app?.close();
  await database?.close();
  await bus?.close();
  await stored?.drop();
});

beforeEach(() => {
  asked.length = 0;
  answers.clear();
});

async function http(
  method: string,
  path: string,
  options: { body?: unknown; key?: string | null; headers?: Record<string, string> } = {},
): Promise<{ status: number; headers: Headers; body: Record<string, unknown> }> {
  const key = options.key === undefined ? all : options.key;
  const response = await fetch(base + path, {
    method,
    headers: {
      ...(key === null ? {} : { authorization: `Bearer ${key}` }),
      ...(options.body === undefined ? {} : { 'content-type': 'application/json' }),
      ...options.headers,
    },
    ...(options.body === undefined
      ? {}
      : { body: typeof options.body === 'string' ? options.body : JSON.stringify(options.body) }),
  });
  const text = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    body: text.startsWith('{') ? (JSON.parse(text) as Record<string, unknown>) : { text },
  };
}

async function keyWith(scopes: Scope[]): Promise<string> {
  const made = await http('POST', '/v1/api-keys', { body: { name: scopes.join(), scopes } });
  expect(made.status).toBe(201);
  return String(made.body['key']);
}

describe('who may ask', () => {
  // Without a key there is nothing to see, whatever the path looks like.
  it.each([
    ['GET', '/v1/stations'],
    ['GET', '/v1/stations/'],
    ['HEAD', '/v1/stations'],
    ['GET', '/%761/stations'],
    ['GET', '/v1//stations'],
    ['GET', '/v1/stations;x=1'],
    ['DELETE', '/v1/stations/CP-1'],
    ['GET', '/nowhere'],
    ['GET', '/docs/../v1/stations'],
    ['POST', '/healthz'],
    ['GET', '/v1/api-keys'],
  ])('%s %s is 401', async (method, path) => {
    const answer = await http(method, path, { key: null });
    expect(answer.status).toBe(401);
    expect(answer.headers.get('www-authenticate')).toBe('Bearer');
    expect(asked).toEqual([]);
  });

  // A wrong key is as good as none.
  it('refuses a wrong key', async () => {
    const answer = await http('GET', '/v1/stations', { key: 'not-the-right-key-at-all' });
    expect(answer.status).toBe(401);
    expect(answer.body).toMatchObject({ code: 'key-wrong', status: 401 });
  });

  // Scopes do not imply one another.
  it('refuses a key without the scope', async () => {
    const reader = await keyWith(['read']);
    const operator = await keyWith(['operate']);
    serve(stationOperations.list, () => ({ items: [], nextCursor: null }));
    expect((await http('GET', '/v1/stations', { key: reader })).status).toBe(200);
    expect((await http('GET', '/v1/stations', { key: operator })).body).toMatchObject({ code: 'scope-missing' });
    expect((await http('DELETE', '/v1/stations/CP-1', { key: reader })).status).toBe(403);
    expect((await http('GET', '/v1/api-keys', { key: operator })).status).toBe(403);
  });

  // A key is shown once, never listed, and useless once revoked.
  it('makes, lists and revokes keys', async () => {
    const made = await http('POST', '/v1/api-keys', { body: { name: 'billing', scopes: ['read'] } });
    expect(made.headers.get('location')).toBe(`/v1/api-keys/${String(made.body['id'])}`);
    const listed = await http('GET', '/v1/api-keys?limit=1');
    expect(JSON.stringify(listed.body)).not.toContain(String(made.body['key']));
    expect(listed.body['nextCursor']).toBe(made.body['id']);
    expect((await http('DELETE', `/v1/api-keys/${String(made.body['id'])}`)).status).toBe(204);
    expect((await http('GET', '/v1/stations', { key: String(made.body['key']) })).status).toBe(401);
    expect((await http('DELETE', '/v1/api-keys/nope')).status).toBe(404);
  });
});

describe('what is asked', () => {
  // Every problem has the same form, and names the member that is wrong.
  it('refuses unknown and wrong members', async () => {
    const wrong = await http('POST', '/v1/stations', { body: { identity: 'CP-1', colour: 'red', strict: 'no' } });
    expect(wrong.status).toBe(422);
    expect(wrong.headers.get('content-type')).toContain('application/problem+json');
    expect(wrong.body).toMatchObject({ code: 'body-invalid', status: 422, requestId: expect.any(String) });
    expect((wrong.body['errors'] as { pointer: string }[]).map(({ pointer }) => pointer).sort()).toEqual([
      '/colour',
      '/strict',
    ]);
    expect((await http('POST', '/v1/stations', { body: '{"identity":' })).body).toMatchObject({ code: 'malformed' });
    expect((await http('GET', '/v1/stations?limit=0')).body).toMatchObject({ code: 'query-invalid', status: 400 });
    expect((await http('GET', '/v1/stations?colour=red')).body).toMatchObject({ code: 'query-invalid' });
    expect(asked).toEqual([]);
  });

  // A body with a key of the prototype changes nothing and is refused like any unknown member.
  it('refuses __proto__', async () => {
    const answer = await http('POST', '/v1/stations', { body: '{"identity":"CP-1","__proto__":{"strict":true}}' });
    expect(answer.status).toBe(400);
    expect(asked).toEqual([]);
  });

  // Identities are ordinary text, percent-encoded once.
  it.each(['CP 1/a', 'a.b', '*', '>', "'; drop table x; --", 'Ü'])('takes the identity %j', async (identity) => {
    serve(stationOperations.get, (request) => ({ identity: request.identity }) as never);
    const answer = await http('GET', `/v1/stations/${encodeURIComponent(identity)}`);
    expect(answer.body['identity']).toBe(identity);
  });

  // The query is read as what it means, with defaults.
  it('passes the query on', async () => {
    serve(stationOperations.list, () => ({ items: [], nextCursor: null }));
    await http('GET', '/v1/stations?connected=true&limit=7&q=CP');
    expect(asked[0]?.ask.request).toEqual({ connected: true, limit: 7, q: 'CP' });
    await http('GET', '/v1/stations');
    expect(asked[1]?.ask.request).toEqual({ limit: 50 });
  });

  // The key of one caller never meets that of another, and the digest tells bodies apart.
  it('passes idempotency on', async () => {
    const headers = { 'idempotency-key': 'k-1' };
    const other = await keyWith(['operate']);
    asked.length = 0;
    for (const [identity, key] of [
      ['A', all] as const,
      ['A', all] as const,
      ['B', all] as const,
      ['A', other] as const,
    ]) {
      serve(stationOperations.create, () => ({ station: { identity } as never, key: null }));
      await http('POST', '/v1/stations', { body: { identity }, headers, key });
    }
    const sent = asked.map(({ ask }) => ask.context.idempotency);
    expect(sent[0]).toEqual(sent[1]);
    expect(sent[0]?.key).toBe(sent[2]?.key);
    expect(sent[0]?.digest).not.toBe(sent[2]?.digest);
    expect(sent[0]?.key).not.toBe(sent[3]?.key);
    expect(
      (await http('POST', '/v1/stations', { body: { identity: 'A' }, headers: { 'idempotency-key': 'a b' } })).status,
    ).toBe(400);
  });

  // A service's refusal arrives as it was said; a service that is away is a 503.
  it('tells problems of services', async () => {
    serve(stationOperations.get, () => {
      throw new ProblemError({ status: 404, code: 'station-unknown', detail: 'There is no such station.' });
    });
    expect((await http('GET', '/v1/stations/X')).body).toMatchObject({ code: 'station-unknown', status: 404 });
    answers.set(stationOperations.get.name, () => {
      throw new Error('a secret detail');
    });
    const failed = await http('GET', '/v1/stations/X');
    expect(failed.status).toBe(503);
    expect(failed.headers.get('retry-after')).toBe('2');
    expect(JSON.stringify(failed.body)).not.toContain('secret');
  });

  // A command that ended while the caller waited is 200, another 202, both with their place.
  it('answers commands', async () => {
    for (const [state, status] of [
      ['ended', 200],
      ['sent', 202],
    ] as const) {
      serve(commandOperations.create, () => ({ id: '01', state }) as never);
      const answer = await http('POST', '/v1/stations/CP-1/commands', {
        body: { type: 'Reset', params: { mode: 'OnIdle' } },
        headers: { prefer: 'wait=3' },
      });
      expect([answer.status, answer.headers.get('location')]).toEqual([status, '/v1/commands/01']);
      expect(asked.at(-1)?.ask.request).toMatchObject({ identity: 'CP-1', waitSeconds: 3 });
    }
  });

  // A created token is 201 with its place, a replaced one 200.
  it('tells created from replaced', async () => {
    for (const [created, status] of [
      [true, 201],
      [false, 200],
    ] as const) {
      serve(authorizationOperations.put, () => ({ created, token: { idToken: 'A B' } as never }));
      const answer = await http('PUT', '/v1/id-tokens/A%20B', { body: {} });
      expect(answer.status).toBe(status);
      expect(answer.headers.get('location')).toBe(created ? '/v1/id-tokens/A%20B' : null);
    }
  });

  // Merge patches come under their own media type too.
  it('takes a merge patch', async () => {
    serve(stationOperations.update, () => ({}) as never);
    const answer = await http('PATCH', '/v1/stations/CP-1', {
      body: { site: null },
      headers: { 'content-type': 'application/merge-patch+json' },
    });
    expect(answer.status).toBe(200);
    expect(asked[0]?.ask.request).toEqual({ identity: 'CP-1', changes: { site: null } });
  });
});

describe('what is followed', () => {
  /** Reads a stream of Server-Sent Events until it has shown a text, then hangs up. */
  async function followed(path: string, until: string, once: () => Promise<void>): Promise<string> {
    const abort = new AbortController();
    const response = await fetch(base + path, {
      headers: { authorization: `Bearer ${all}` },
      signal: abort.signal,
    });
    expect(response.headers.get('content-type')).toContain('text/event-stream');
    let seen = '';
    const decoder = new TextDecoder();
    try {
      for await (const chunk of response.body ?? []) {
        seen += decoder.decode(chunk, { stream: true });
        if (seen.includes(': open') && !seen.includes('event:')) await once();
        if (seen.includes(until)) break;
      }
    } finally {
      abort.abort();
    }
    return seen;
  }

  const fact = (id: string, type: FactType): Fact => ({
    id: id as FactId,
    type,
    tenant: defaultTenant,
    station,
    stationIdentity: 'CP 1',
    at: '2026-11-22T10:00:00.000Z',
    data: { n: id },
  });

  // Facts come with their place, filtered by type; a reader resumes after the last one that it has.
  it('streams facts and resumes', async () => {
    const publisher = new StreamPublisher(bus.bus);
    const publish = (one: Fact) => publisher.publish(bus.bus.subjects.fact(one.tenant, one.station, one.type), one);
    const first = await followed('/v1/events?type=transaction', '"n":"2"', async () => {
      await publish(fact('1', 'station.booted'));
      await publish(fact('2', 'transaction.started'));
    });
    expect(first).toContain('event: transaction.started');
    expect(first).not.toContain('station.booted');
    expect(first).not.toContain(station);
    const place = /id: (\d+)/.exec(first)?.[1];
    await publish(fact('3', 'transaction.ended'));
    const second = await followed(`/v1/events?after=${place}`, '"n":"3"', async () => undefined);
    expect(second).not.toContain('"n":"2"');
    publisher.close();
  });

  // The recorder shows the newest first, page by page.
  it('pages through messages', async () => {
    serve(stationOperations.references, () => ({ items: [{ station } as never] }));
    const publisher = new StreamPublisher(bus.bus);
    for (const [at, action] of ['BootNotification', 'Heartbeat', 'StatusNotification'].entries()) {
      await publisher.publish(bus.bus.subjects.frames(station), {
        station,
        at: `2026-11-22T10:00:0${at}.000Z`,
        direction: 'in',
        messageId: String(at),
        action,
        frame: '[]',
      });
    }
    publisher.close();
    const first = await http('GET', '/v1/stations/CP%201/messages?limit=2');
    expect((first.body['items'] as { action: string }[]).map(({ action }) => action)).toEqual([
      'StatusNotification',
      'Heartbeat',
    ]);
    const second = await http('GET', `/v1/stations/CP%201/messages?limit=2&cursor=${String(first.body['nextCursor'])}`);
    expect(second.body).toMatchObject({ items: [{ action: 'BootNotification', latencyMs: null }], nextCursor: null });
    const filtered = await http('GET', '/v1/stations/CP%201/messages?action=Heartbeat');
    expect(filtered.body['items']).toHaveLength(1);
  });

  // Following a station's frames watches it.
  it('follows messages', async () => {
    serve(stationOperations.references, () => ({ items: [{ station } as never] }));
    const publisher = new StreamPublisher(bus.bus);
    const seen = await followed('/v1/stations/CP%201/messages?follow=true', 'event: message', () =>
      publisher.publish(bus.bus.subjects.frames(station), {
        station,
        at: '2026-11-22T10:00:00.000Z',
        direction: 'out',
        messageId: '9',
        action: 'Reset',
        frame: '[2]',
      }),
    );
    expect(seen).toContain('"action":"Reset"');
    expect(asked.some(({ operation }) => operation === 'stations.watch')).toBe(true);
    publisher.close();
  });
});

describe('what anyone may see', () => {
  // Probes answer without a key; readiness asks every service.
  it('has probes', async () => {
    expect((await http('GET', '/healthz', { key: null })).status).toBe(200);
    expect((await http('GET', '/readyz', { key: null })).status).toBe(200);
    expect(new Set(asked.map(({ operation }) => operation.split('.')[0]))).toEqual(
      new Set(['stations', 'authorization', 'transactions', 'commands']),
    );
    expect((await http('GET', '/metrics', { key: null })).status).toBe(200);
  });

  // Every endpoint is described, with its scope.
  it('describes itself', async () => {
    const document = await http('GET', '/openapi.json', { key: null });
    expect(document.body['openapi']).toBe('3.1.0');
    const paths = Object.keys(document.body['paths'] as object);
    expect(paths).toContain('/v1/stations/{station}/commands');
    expect(paths.filter((path) => !path.startsWith('/v1/'))).toEqual([]);
    expect((await http('GET', '/docs', { key: null })).body['text']).toContain('swagger-ui');
  });
});
