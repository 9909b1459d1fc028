import { operation, ProblemError } from '@busbar/events';
import { Metrics } from '@busbar/observability';
import { describe, expect, it } from 'vitest';
import { BusError, busProblem, connectBus } from '../src/index.js';
import { gate, natsUrl, newPrefix, openBus, recordingLogger, silent, until } from './fixture.js';
import { TcpCut } from './tcp-cut.js';

const context = { tenant: 'default', caller: 'test', requestId: 'r' } as never;

describe('request and serve', () => {
  // A request reaches one of the replicas of a queue and its answer comes back.
  it('shares requests between replicas', async () => {
    const bus = await openBus();
    const seen = { one: 0, two: 0 };
    bus.serve<{ n: number }>(`${bus.prefix}.sum`, async ({ n }) => ({ n: n + 1, by: (seen.one += 1) }), { queue: 'q' });
    bus.serve<{ n: number }>(`${bus.prefix}.sum`, async ({ n }) => ({ n: n + 1, by: (seen.two += 1) }), { queue: 'q' });
    const answers = await Promise.all(
      Array.from({ length: 200 }, (_, n) =>
        bus.request<{ n: number }>(`${bus.prefix}.sum`, { n }, { timeoutMs: 5000 }),
      ),
    );
    expect(answers.map(({ n }) => n)).toEqual(Array.from({ length: 200 }, (_, n) => n + 1));
    expect(seen.one + seen.two).toBe(200);
    expect(Math.min(seen.one, seen.two)).toBeGreaterThan(0);
  });

  // Nobody there is told at once, and it is certain that nothing was done.
  it('says when nobody serves a subject', async () => {
    const bus = await openBus();
    const started = performance.now();
    await expect(bus.request(`${bus.prefix}.none`, {}, { timeoutMs: 10_000 })).rejects.toMatchObject({
      code: 'no-responders',
      maybeSent: false,
      retryable: true,
    });
    expect(performance.now() - started).toBeLessThan(5000);
  });

  // A slow handler is a time-out of the asker; its late answer disturbs nobody.
  it('gives up on a slow handler', async () => {
    const bus = await openBus();
    const slow = gate();
    let calls = 0;
    bus.serve(`${bus.prefix}.slow`, async () => {
      calls += 1;
      if (calls === 1) await slow.opened;
      return { calls };
    });
    await expect(bus.request(`${bus.prefix}.slow`, {}, { timeoutMs: 50 })).rejects.toMatchObject({
      code: 'timeout',
      maybeSent: true,
    });
    slow.open();
    expect(await bus.request(`${bus.prefix}.slow`, {}, { timeoutMs: 5000 })).toEqual({ calls: 2 });
  });

  // A message beyond the server's limit fails on our side, and the connection lives on.
  it('refuses what is too large', async () => {
    const bus = await openBus();
    const text = 'x'.repeat(bus.maxPayloadBytes);
    await expect(bus.request(`${bus.prefix}.big`, { text }, { timeoutMs: 1000 })).rejects.toMatchObject({
      code: 'too-large',
      maybeSent: false,
    });
    expect(() => bus.publish(`${bus.prefix}.big`, { text })).toThrow(BusError);
    await bus.connection.flush();
    expect(bus.connected).toBe(true);
  });

  // At most so many handlers, at most so many waiting; the rest is left to the asker's retry and counted.
  it('bounds what it takes on', async () => {
    const metrics = new Metrics({ processMetrics: false });
    const bus = await openBus({ metrics });
    const busy = gate();
    let most = 0;
    const served = bus.serve(
      `${bus.prefix}.busy`,
      async () => {
        most = Math.max(most, served.running);
        await busy.opened;
        return { done: true };
      },
      { concurrencyMax: 2, waitingMax: 3 },
    );
    const requests = Array.from({ length: 9 }, () =>
      bus.request(`${bus.prefix}.busy`, {}, { timeoutMs: 1000 }).catch((error: BusError) => error.code),
    );
    await until('four messages were dropped', () => served.dropped === 4);
    busy.open();
    const outcomes = await Promise.all(requests);
    expect(outcomes.filter((outcome) => outcome === 'timeout')).toHaveLength(4);
    expect(outcomes.filter((outcome) => outcome !== 'timeout')).toEqual(Array(5).fill({ done: true }));
    expect(most).toBe(2);
    expect(await metrics.text()).toContain('busbar_bus_unanswered_total{reason="too-many"} 4');
  });

  // What waited longer than its asker would is not worth doing.
  it('drops stale messages', async () => {
    const bus = await openBus();
    const busy = gate();
    const handled: number[] = [];
    const served = bus.serve<{ n: number }>(
      `${bus.prefix}.stale`,
      async ({ n }) => {
        handled.push(n);
        await busy.opened;
        return {};
      },
      { concurrencyMax: 1, staleAfterMs: 30 },
    );
    const first = bus.request(`${bus.prefix}.stale`, { n: 1 }, { timeoutMs: 5000 });
    const second = bus
      .request(`${bus.prefix}.stale`, { n: 2 }, { timeoutMs: 100 })
      .catch((error: BusError) => error.code);
    expect(await second).toBe('timeout');
    busy.open();
    await first;
    await until('the stale message was dropped', () => served.dropped === 1);
    expect(handled).toEqual([1]);
  });

  // Stopping finishes what was taken and takes nothing more.
  it('drains', async () => {
    const bus = await openBus();
    const asker = await openBus({ prefix: bus.prefix });
    const busy = gate();
    const served = bus.serve(`${bus.prefix}.drain`, async () => {
      await busy.opened;
      return { done: true };
    });
    await bus.connection.flush();
    const taken = asker.request(`${bus.prefix}.drain`, {}, { timeoutMs: 5000 });
    await until('the message was taken', () => served.running === 1);
    let stopped = false;
    const stop = served.stop().then(() => {
      stopped = true;
    });
    await bus.connection.flush();
    await expect(asker.request(`${bus.prefix}.drain`, {}, { timeoutMs: 5000 })).rejects.toMatchObject({
      code: 'no-responders',
    });
    expect(stopped).toBe(false);
    busy.open();
    await stop;
    expect(await taken).toEqual({ done: true });
  });

  // A failed handler stays silent unless it was told what to say; either way the next message is served.
  it('keeps failures to itself', async () => {
    const { logger, lines } = recordingLogger();
    const bus = await openBus({ logger });
    const handler = async ({ fail }: { fail: boolean }) => {
      if (fail) throw new Error('broken');
      return { fine: true };
    };
    bus.serve(`${bus.prefix}.silent`, handler);
    bus.serve(`${bus.prefix}.told`, handler, { failed: (error) => ({ sorry: String(error) }) });
    await expect(bus.request(`${bus.prefix}.silent`, { fail: true }, { timeoutMs: 100 })).rejects.toMatchObject({
      code: 'timeout',
    });
    expect(await bus.request(`${bus.prefix}.silent`, { fail: false }, { timeoutMs: 5000 })).toEqual({ fine: true });
    expect(await bus.request(`${bus.prefix}.told`, { fail: true }, { timeoutMs: 5000 })).toEqual({
      sorry: 'Error: broken',
    });
    expect(lines.map((line) => line['msg'])).toEqual(['a message failed and stays unanswered']);
  });

  // Bytes that are no JSON are left unanswered and told, and the server of the subject lives on.
  it('survives bytes that are no JSON', async () => {
    const { logger, lines } = recordingLogger();
    const bus = await openBus({ logger });
    bus.serve(`${bus.prefix}.json`, async () => ({ fine: true }));
    const heard: unknown[] = [];
    bus.subscribe(`${bus.prefix}.event`, (message) => heard.push(message));
    bus.connection.publish(`${bus.prefix}.json`, 'not json', { reply: `${bus.prefix}.reply` });
    bus.connection.publish(`${bus.prefix}.event`, '{');
    bus.publish(`${bus.prefix}.event`, { n: 1 });
    expect(await bus.request(`${bus.prefix}.json`, {}, { timeoutMs: 5000 })).toEqual({ fine: true });
    expect(heard).toEqual([{ n: 1 }]);
    expect(lines.map((line) => line['msg'])).toEqual([
      'a message is no JSON and stays unanswered',
      'a message could not be handled',
    ]);
  });

  // An answer too large for the server is a failure of the handler, not of the process.
  it('tells of an answer that is too large', async () => {
    const bus = await openBus();
    bus.serve(`${bus.prefix}.huge`, async () => ({ text: 'x'.repeat(bus.maxPayloadBytes) }), {
      failed: (error) => ({ code: error instanceof BusError ? error.code : '' }),
    });
    expect(await bus.request(`${bus.prefix}.huge`, {}, { timeoutMs: 5000 })).toEqual({ code: 'too-large' });
  });
});

describe('requestMany', () => {
  // Everybody who knows answers; nobody is an empty list; enough ends the wait.
  it('gathers answers', async () => {
    const bus = await openBus();
    bus.serve(`${bus.prefix}.who`, async () => ({ by: 1 }));
    bus.serve(`${bus.prefix}.who`, async () => ({ by: 2 }));
    const all = await bus.requestMany<{ by: number }>(`${bus.prefix}.who`, {}, { timeoutMs: 200 });
    expect(new Set(all.map(({ by }) => by))).toEqual(new Set([1, 2]));
    const started = performance.now();
    expect(await bus.requestMany(`${bus.prefix}.who`, {}, { timeoutMs: 20_000, max: 1 })).toHaveLength(1);
    expect(await bus.requestMany(`${bus.prefix}.nobody`, {}, { timeoutMs: 20_000 })).toEqual([]);
    expect(performance.now() - started).toBeLessThan(10_000);
  });
});

describe('ask', () => {
  const sum = operation<{ left: number }, { sum: number }>('sums.add');

  // The request and its context travel; an answer and a problem come back as such.
  it('answers or throws the problem', async () => {
    const bus = await openBus();
    bus.serve<{ request: { left: number }; context: object }>(bus.subjects.ask('sums.add'), async (ask) =>
      ask.request.left < 0
        ? { problem: { status: 422, code: 'negative', detail: 'no' } }
        : { answer: { sum: ask.request.left, ...ask.context } },
    );
    expect(await bus.ask(sum, { left: 1 }, context)).toEqual({ sum: 1, ...(context as object) });
    const refused = await bus.ask(sum, { left: -1 }, context).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(ProblemError);
    expect(refused).toMatchObject({ code: 'negative', problem: { status: 422, detail: 'no' } });
  });

  // Without a service the failure says whether anything can have been done.
  it('says when no service answers', async () => {
    const bus = await openBus();
    const nobody = await bus.ask(sum, { left: 1 }, context).catch((error: BusError) => busProblem(error));
    expect(nobody).toMatchObject({ status: 503, code: 'unavailable', retryAfterSeconds: 2 });
    bus.serve(bus.subjects.ask('sums.add'), () => new Promise<object>(() => undefined));
    const silence = await bus
      .ask(sum, { left: 1 }, context, { timeoutMs: 30 })
      .catch((error: BusError) => busProblem(error));
    expect(silence).toMatchObject({ status: 503, code: 'no-answer' });
  });
});

describe('the connection', () => {
  // A cut ends what waits at once, nothing is sent or kept meanwhile, and everything works again by itself.
  it('heals after a cut', async () => {
    const way = await TcpCut.to(natsUrl());
    const prefix = newPrefix();
    const far = await openBus({ prefix });
    const bus = await openBus({ prefix, url: way.url });
    const states: boolean[] = [];
    bus.onStatus((connected) => states.push(connected));
    const heard: unknown[] = [];
    far.subscribe(`${prefix}.event`, (message) => heard.push(message));
    far.serve(`${prefix}.never`, () => new Promise<object>(() => undefined));
    bus.serve(`${prefix}.near`, async () => ({ fine: true }));
    await Promise.all([far.connection.flush(), bus.connection.flush()]);

    const waiting = bus.request(`${prefix}.never`, {}, { timeoutMs: 60_000 });
    way.cut();
    await expect(waiting).rejects.toMatchObject({ code: 'disconnected', maybeSent: true });
    expect(bus.connected).toBe(false);
    expect(() => bus.publish(`${prefix}.event`, { while: 'away' })).toThrow('disconnected');
    await expect(bus.request(`${prefix}.never`, {}, { timeoutMs: 60_000 })).rejects.toMatchObject({
      code: 'disconnected',
      maybeSent: false,
    });
    expect(await far.request(`${prefix}.near`, {}, { timeoutMs: 5000 }).catch((error: BusError) => error.code)).toBe(
      'no-responders',
    );

    way.join();
    await until('the bus is connected again', () => bus.connected);
    bus.publish(`${prefix}.event`, { after: 'all' });
    await until('the message after the cut arrives', () => heard.length > 0);
    expect(heard).toEqual([{ after: 'all' }]);
    expect(await far.request(`${prefix}.near`, {}, { timeoutMs: 5000 })).toEqual({ fine: true });
    expect(states).toEqual([false, true]);
    await bus.close();
    await way.close();
  });

  // Closing fails what waits, and everything after it says so.
  it('closes', async () => {
    const bus = await openBus();
    bus.serve(`${bus.prefix}.never`, () => new Promise<object>(() => undefined));
    await bus.connection.flush();
    const waiting = bus
      .request(`${bus.prefix}.never`, {}, { timeoutMs: 60_000 })
      .catch((error: BusError) => error.code);
    await bus.close();
    expect(await waiting).toBe('closed');
    expect(() => bus.publish(`${bus.prefix}.x`, {})).toThrow('closed');
    await expect(bus.request(`${bus.prefix}.x`, {}, { timeoutMs: 100 })).rejects.toMatchObject({ code: 'closed' });
    expect(bus.connected).toBe(false);
  });

  // Closing while disconnected must not wait for the server.
  it('closes while disconnected', async () => {
    const way = await TcpCut.to(natsUrl());
    const bus = await openBus({ url: way.url });
    way.cut();
    await until('the bus has noticed', () => !bus.connected);
    const started = performance.now();
    await bus.close();
    expect(performance.now() - started).toBeLessThan(3000);
    await way.close();
  });

  // A start without a server ends with a name, not with a hang.
  it('reports that no server is there', async () => {
    const way = await TcpCut.to(natsUrl());
    way.cut();
    await expect(
      connectBus({ url: way.url, name: 'test', prefix: 'p', logger: silent, firstConnectMs: 300 }),
    ).rejects.toMatchObject({ code: 'disconnected' });
    await way.close();
  });

  // A prefix that could widen a subscription is a mistake in the configuration.
  it.each(['', 'a.', 'a..b', '>', 'a.*', 'a b'])('refuses the prefix %j', async (prefix) => {
    await expect(connectBus({ url: natsUrl(), name: 'test', prefix, logger: silent })).rejects.toThrow(TypeError);
  });
});
