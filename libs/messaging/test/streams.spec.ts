import type { StationId, TenantId } from '@busbar/domain';
import { type Fact, streamName } from '@busbar/events';
import { jetstreamManager } from '@nats-io/jetstream';
import { nanos } from '@nats-io/transport-node';
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  type Bus,
  consumeFacts,
  ensureStreams,
  type FactAt,
  readFacts,
  readHeld,
  StreamPublisher,
} from '../src/index.js';
import {
  gate,
  natsUrl,
  newPrefix,
  openBus,
  openStreams,
  recordingLogger,
  silent,
  smallLimits,
  until,
} from './fixture.js';
import { TcpCut } from './tcp-cut.js';

const tenant = 'default' as TenantId;
const station = 's1' as StationId;

function fact(n: number): Fact {
  const type = 'transaction.started';
  return { id: `f${n}` as Fact['id'], type, tenant, station, at: '2026-01-01T00:00:00.000Z', data: { n } };
}

function subjectOf(bus: Bus): string {
  return bus.subjects.fact(tenant, station, 'transaction.started');
}

async function publishFacts(bus: Bus, from: number, to: number): Promise<void> {
  const publisher = new StreamPublisher(bus);
  for (let n = from; n <= to; n += 1) await publisher.publish(subjectOf(bus), fact(n), { id: `f${n}` });
  publisher.close();
}

async function deleteFacts(bus: Bus): Promise<void> {
  const manager = await jetstreamManager(bus.connection, { checkAPI: false });
  await manager.streams.delete(streamName(bus.prefix, 'FACTS'));
}

describe('ensureStreams', () => {
  // Twice is as good as once, several processes at once do not disturb each other, and new limits take effect.
  it('makes and updates the streams', async () => {
    const bus = await openBus();
    await Promise.all([openStreams(bus), ensureStreams(bus, smallLimits), ensureStreams(bus, smallLimits)]);
    await ensureStreams(bus, { ...smallLimits, framesBytesMax: 2 ** 23 });
    const manager = await jetstreamManager(bus.connection, { checkAPI: false });
    const shapes = await Promise.all(
      (['FACTS', 'READINGS', 'FRAMES'] as const).map(async (name) => {
        const { config } = await manager.streams.info(streamName(bus.prefix, name));
        const { subjects, retention, discard, storage, max_bytes, max_age, max_msgs_per_subject } = config;
        return { subjects, retention, discard, storage, max_bytes, max_age, max_msgs_per_subject };
      }),
    );
    const day = nanos(24 * 3_600_000);
    const common = { retention: 'limits', discard: 'old', storage: 'file', max_msgs_per_subject: -1 };
    expect(shapes).toEqual([
      { ...common, subjects: [`${bus.prefix}.fact.>`], max_bytes: 2 ** 22, max_age: 7 * day },
      { ...common, subjects: [`${bus.prefix}.readings.>`], max_bytes: 2 ** 22, max_age: 7 * day },
      { ...common, subjects: [`${bus.prefix}.frames.>`], max_bytes: 2 ** 23, max_age: day, max_msgs_per_subject: 500 },
    ]);
  });
});

describe('StreamPublisher', () => {
  // Many at once are all stored, once each, in order, even when one is sent twice.
  it('publishes many at once', async () => {
    const bus = await openBus();
    await openStreams(bus);
    const publisher = new StreamPublisher(bus);
    const numbers = Array.from({ length: 2000 }, (_, n) => n);
    await Promise.all(numbers.map((n) => publisher.publish(subjectOf(bus), fact(n), { id: `f${n}` })));
    await publisher.publish(subjectOf(bus), fact(1999), { id: 'f1999' });
    expect(publisher.inFlight).toBe(0);
    const manager = await jetstreamManager(bus.connection, { checkAPI: false });
    const { state } = await manager.streams.info(streamName(bus.prefix, 'FACTS'));
    expect(state.messages).toBe(2000);
    const last = await manager.streams.getMessage(streamName(bus.prefix, 'FACTS'), { seq: 2000 });
    expect(last?.json()).toEqual(fact(1999));
  });

  // Acknowledgements are matched to their messages, whatever the order they come in, and refusals as well.
  it('matches acknowledgements that come out of order', async () => {
    const bus = await openBus();
    const replies: { n: number; reply: string }[] = [];
    bus.connection.subscribe(`${bus.prefix}.fake`, {
      callback: (_, message) => {
        replies.push({ ...message.json<{ n: number }>(), reply: message.reply ?? '' });
      },
    });
    const publisher = new StreamPublisher(bus);
    const outcomes: string[] = [];
    const settled = [1, 2, 3].map((n) =>
      publisher.publish(`${bus.prefix}.fake`, { n }).then(
        () => outcomes.push(`${n} stored`),
        (error: Error) => outcomes.push(`${n} ${error.message}`),
      ),
    );
    await until('the three messages arrived', () => replies.length === 3);
    const answer = (n: number, body: string) =>
      bus.connection.publish(replies.find((one) => one.n === n)?.reply ?? '', body);
    answer(3, '{"stream":"S","seq":3}');
    answer(1, '{"error":{"code":503,"description":"full"}}');
    answer(2, '{"stream":"S","seq":2}');
    answer(2, '{"stream":"S","seq":2}');
    await Promise.all(settled);
    expect(outcomes).toEqual(['3 stored', `1 stream-refused: ${bus.prefix}.fake: full`, '2 stored']);
  });

  // Every way to fail has its name, and none of them leaves anything in flight.
  it('names its failures', async () => {
    const bus = await openBus();
    const publisher = new StreamPublisher(bus, { timeoutMs: 50, inFlightMax: 2 });
    const subject = `${bus.prefix}.silent`;
    await expect(publisher.publish(subject, {})).rejects.toMatchObject({ code: 'no-stream', maybeSent: false });
    bus.connection.subscribe(subject, { callback: () => undefined });
    const first = publisher.publish(subject, { n: 1 });
    const second = publisher.publish(subject, { n: 2 });
    await expect(publisher.publish(subject, { n: 3 })).rejects.toMatchObject({ code: 'overloaded' });
    await expect(first).rejects.toMatchObject({ code: 'timeout', maybeSent: true });
    await expect(second).rejects.toMatchObject({ code: 'timeout', maybeSent: true });
    const text = 'x'.repeat(bus.maxPayloadBytes);
    await expect(publisher.publish(subject, { text })).rejects.toMatchObject({ code: 'too-large' });
    const last = publisher.publish(subject, { n: 4 });
    publisher.close();
    await expect(last).rejects.toMatchObject({ code: 'closed', maybeSent: true });
    await expect(publisher.publish(subject, {})).rejects.toMatchObject({ code: 'closed', maybeSent: false });
    expect(publisher.inFlight).toBe(0);
  });

  // A cut fails what is in flight at once, and after it the same publisher works again.
  it('survives a cut', async () => {
    const way = await TcpCut.to(natsUrl());
    const prefix = newPrefix();
    const far = await openBus({ prefix });
    await openStreams(far);
    const bus = await openBus({ prefix, url: way.url });
    const publisher = new StreamPublisher(bus);
    far.connection.subscribe(`${prefix}.silent`, { callback: () => undefined });
    await far.connection.flush();
    const inFlight = publisher.publish(`${prefix}.silent`, {});
    way.cut();
    await expect(inFlight).rejects.toMatchObject({ code: 'disconnected', maybeSent: true });
    await expect(publisher.publish(subjectOf(bus), fact(1))).rejects.toMatchObject({ code: 'disconnected' });
    way.join();
    await until('the bus is connected again', () => bus.connected);
    await publisher.publish(subjectOf(bus), fact(2));
    await bus.close();
    await way.close();
  });
});

describe('consumeFacts', () => {
  // A fact whose handler fails comes again; the others come once; the place survives a stop.
  it('delivers at least once', async () => {
    const bus = await openBus();
    await openStreams(bus);
    await publishFacts(bus, 1, 5);
    const handled: unknown[] = [];
    let failures = 0;
    const options = {
      durable: 'reader',
      filter: bus.subjects.facts('*', '*', 'transaction.started'),
      handler: async ({ data }: Fact) => {
        if (data['n'] === 3 && failures < 2) {
          failures += 1;
          throw new Error('not now');
        }
        handled.push(data['n']);
      },
      logger: silent,
    };
    const first = await consumeFacts(bus, options);
    await until('all five were handled', () => handled.length === 5);
    await first.stop();
    expect(handled).toEqual([1, 2, 4, 5, 3]);
    await publishFacts(bus, 6, 7);
    const second = await consumeFacts(bus, options);
    await until('the two new ones were handled', () => handled.length === 7);
    await second.stop();
    expect(handled.slice(5)).toEqual([6, 7]);
  });

  // Only what the filter names is handed over.
  it('filters', async () => {
    const bus = await openBus();
    await openStreams(bus);
    const publisher = new StreamPublisher(bus);
    await publisher.publish(bus.subjects.fact(tenant, station, 'token.changed'), fact(1));
    await publisher.publish(subjectOf(bus), fact(2));
    const handled: unknown[] = [];
    const consumer = await consumeFacts(bus, {
      durable: 'filtered',
      filter: bus.subjects.facts('*', '*', 'transaction.started'),
      handler: async (one, sequence) => void handled.push([one.data['n'], sequence]),
      logger: silent,
    });
    await until('the fact was handled', () => handled.length > 0);
    await consumer.stop();
    expect(handled).toEqual([[2, 2]]);
  });

  // Stopping finishes what had come, so that nothing waits for its acknowledgement to run out; the next reader goes on.
  it('finishes what had come when it stops', async () => {
    const bus = await openBus();
    await openStreams(bus);
    await publishFacts(bus, 1, 5);
    const running = gate();
    const finish = gate();
    const first: unknown[] = [];
    const second: unknown[] = [];
    const options = { durable: 'shared', filter: bus.subjects.allFacts(), logger: silent };
    const before = bus.connection.stats().inMsgs;
    const stopping = await consumeFacts(bus, {
      ...options,
      handler: async ({ data }) => {
        running.open();
        await finish.opened;
        first.push(data['n']);
      },
    });
    await running.opened;
    await until('the rest of the batch has come', () => bus.connection.stats().inMsgs >= before + 6);
    const stopped = stopping.stop();
    finish.open();
    await stopped;
    await publishFacts(bus, 6, 7);
    const other = await consumeFacts(bus, { ...options, handler: async ({ data }) => void second.push(data['n']) });
    await until('the other reader has the new ones', () => second.length >= 2);
    await other.stop();
    expect({ first, second }).toEqual({ first: [1, 2, 3, 4, 5], second: [6, 7] });
  });

  // The connection is cut while reading: reading goes on afterwards, and nothing is left out.
  it('survives a cut', async () => {
    const way = await TcpCut.to(natsUrl());
    const prefix = newPrefix();
    const far = await openBus({ prefix });
    await openStreams(far);
    const bus = await openBus({ prefix, url: way.url });
    const handled = new Set<unknown>();
    const consumer = await consumeFacts(bus, {
      durable: 'cut',
      filter: bus.subjects.allFacts(),
      handler: async ({ data }) => void handled.add(data['n']),
      logger: silent,
    });
    await publishFacts(far, 1, 3);
    await until('the first three were handled', () => handled.size === 3);
    way.cut();
    await until('the bus has noticed', () => !bus.connected);
    await publishFacts(far, 4, 6);
    way.join();
    await until('all six were handled', () => handled.size === 6, 5000);
    expect(handled).toEqual(new Set([1, 2, 3, 4, 5, 6]));
    await consumer.stop();
    await bus.close();
    await way.close();
  });

  // The stream is lost and made anew: the reader makes itself anew too and says that it had to.
  it('survives the loss of its stream', async () => {
    const { logger, lines } = recordingLogger();
    const bus = await openBus();
    await openStreams(bus);
    const handled: unknown[] = [];
    const consumer = await consumeFacts(bus, {
      durable: 'lost',
      filter: bus.subjects.allFacts(),
      handler: async ({ data }) => void handled.push(data['n']),
      logger,
    });
    await publishFacts(bus, 1, 2);
    await until('two were handled', () => handled.length === 2);
    await deleteFacts(bus);
    await until('the loss was noticed', () => lines.length > 0);
    await ensureStreams(bus, smallLimits);
    await publishFacts(bus, 3, 4);
    await until('the new stream is read', () => handled.length === 4);
    await consumer.stop();
    expect(handled).toEqual([1, 2, 3, 4]);
    expect(lines[0]).toMatchObject({ msg: 'facts cannot be read; trying again', durable: 'lost' });
  });
});

/** Reads on its own until the test ends. */
function reading(bus: Bus, after?: number): { facts: FactAt[]; end: () => Promise<void> } {
  const ending = new AbortController();
  const facts: FactAt[] = [];
  const options = { filter: bus.subjects.allFacts(), signal: ending.signal };
  const done = (async () => {
    for await (const one of readFacts(bus, after === undefined ? options : { ...options, after })) facts.push(one);
  })();
  const end = () => {
    ending.abort();
    return done;
  };
  onTestFinished(end);
  return { facts, end };
}

describe('readFacts', () => {
  // A reader that was away goes on behind the last fact it had; each fact comes once and in order.
  it('resumes behind a sequence', async () => {
    const bus = await openBus();
    await openStreams(bus);
    await publishFacts(bus, 1, 4);
    const first = reading(bus, 0);
    await until('the four were read', () => first.facts.length === 4);
    await first.end();
    await publishFacts(bus, 5, 6);
    const second = reading(bus, first.facts[1]?.sequence);
    await until('the rest was read', () => second.facts.length === 4);
    await publishFacts(bus, 7, 7);
    await until('a new one was read', () => second.facts.length === 5);
    await second.end();
    expect(first.facts.map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4]);
    expect(second.facts).toEqual([3, 4, 5, 6, 7].map((n) => ({ sequence: n, fact: fact(n) })));
    await publishFacts(bus, 8, 8);
    expect(second.facts).toHaveLength(5);
  });

  // Without a place it begins with what comes from now on, and the readers of a server leave nothing behind.
  it('begins now', async () => {
    const bus = await openBus();
    await openStreams(bus);
    await publishFacts(bus, 1, 3);
    const manager = await jetstreamManager(bus.connection, { checkAPI: false });
    const readers = async () => (await manager.streams.info(streamName(bus.prefix, 'FACTS'))).state.consumer_count;
    const live = reading(bus);
    let count = 0;
    while (count === 0) count = await readers();
    await publishFacts(bus, 4, 4);
    await until('the new one was read', () => live.facts.length === 1);
    await live.end();
    expect(live.facts[0]?.fact).toEqual(fact(4));
    expect(await readers()).toBe(0);
  });

  // More than one batch, with the reader slower than the stream.
  it('reads a long history', async () => {
    const bus = await openBus();
    await openStreams(bus);
    const publisher = new StreamPublisher(bus);
    await Promise.all(Array.from({ length: 350 }, (_, n) => publisher.publish(subjectOf(bus), fact(n + 1))));
    const all = reading(bus, 0);
    await until('all were read', () => all.facts.length === 350);
    await all.end();
    expect(all.facts.map(({ sequence }) => sequence)).toEqual(Array.from({ length: 350 }, (_, n) => n + 1));
  });

  // A cut in the middle leaves nothing out and repeats nothing.
  it('survives a cut', async () => {
    const way = await TcpCut.to(natsUrl());
    const prefix = newPrefix();
    const far = await openBus({ prefix });
    await openStreams(far);
    const bus = await openBus({ prefix, url: way.url });
    const all = reading(bus, 0);
    await publishFacts(far, 1, 3);
    await until('three were read', () => all.facts.length === 3);
    way.cut();
    await publishFacts(far, 4, 6);
    way.join();
    await until('all were read', () => all.facts.length === 6, 5000);
    await all.end();
    expect(all.facts.map(({ fact: { data } }) => data['n'])).toEqual([1, 2, 3, 4, 5, 6]);
    await bus.close();
    await way.close();
  });

  // The stream is lost: a reader of the old one gets the new one from its start.
  it('begins anew with a new stream', async () => {
    const bus = await openBus();
    await openStreams(bus);
    await publishFacts(bus, 1, 5);
    const all = reading(bus, 4);
    await until('the fifth was read', () => all.facts.length === 1);
    await deleteFacts(bus);
    await ensureStreams(bus, smallLimits);
    const publisher = new StreamPublisher(bus);
    await publisher.publish(subjectOf(bus), fact(6));
    await until('the new stream is read', () => all.facts.length === 2);
    await all.end();
    expect(all.facts[1]).toEqual({ sequence: 1, fact: fact(6) });
  });

  // What is no fact is left out and told; those behind it come.
  it('leaves out what is no fact', async () => {
    const { logger, lines } = recordingLogger();
    const bus = await openBus();
    await openStreams(bus);
    bus.connection.publish(subjectOf(bus), 'not json');
    await publishFacts(bus, 2, 2);
    const ending = new AbortController();
    const facts: FactAt[] = [];
    for await (const one of readFacts(bus, {
      filter: bus.subjects.allFacts(),
      after: 0,
      signal: ending.signal,
      logger,
    })) {
      facts.push(one);
      break;
    }
    expect(facts).toEqual([{ sequence: 2, fact: fact(2) }]);
    expect(lines.map((line) => line['msg'])).toEqual(['a message of a stream is left out']);
  });
});

describe('readHeld', () => {
  // All that a subject holds now, oldest first, and nothing of its neighbours; what has no message is empty at once.
  it('reads what a subject holds', async () => {
    const bus = await openBus();
    await openStreams(bus);
    const publisher = new StreamPublisher(bus);
    const other = 's2' as StationId;
    for (let n = 1; n <= 700; n += 1) void publisher.publish(bus.subjects.frames(n % 7 === 0 ? other : station), { n });
    await publisher.publish(bus.subjects.frames(station), { n: 701 });
    const started = performance.now();
    const options = { stream: 'FRAMES', timeoutMs: 5000 } as const;
    const held = await readHeld<{ n: number }>(bus, { ...options, filter: bus.subjects.frames(station) });
    const expected = Array.from({ length: 701 }, (_, n) => n + 1).filter((n) => n % 7 !== 0);
    expect(held.map(({ message }) => message.n)).toEqual(expected.slice(-500));
    expect(held.at(-1)?.sequence).toBe(701);
    expect(await readHeld(bus, { ...options, filter: bus.subjects.frames('s3' as StationId) })).toEqual([]);
    const few = await readHeld(bus, { ...options, filter: bus.subjects.frames(other), max: 2 });
    expect(few).toEqual([
      { sequence: 7, message: { n: 7 } },
      { sequence: 14, message: { n: 14 } },
    ]);
    expect(performance.now() - started).toBeLessThan(4000);
  });

  // A missing stream has its name.
  it('says that there is no stream', async () => {
    const bus = await openBus();
    const reading = readHeld(bus, { stream: 'FRAMES', filter: bus.subjects.frames(station), timeoutMs: 2000 });
    await expect(reading).rejects.toMatchObject({ code: 'no-stream' });
  });
});
