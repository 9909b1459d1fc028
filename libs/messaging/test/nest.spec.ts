import 'reflect-metadata';
import { type AskContext, operation, ProblemError, type Receipt, type ReportBatch } from '@busbar/events';
import { Controller, Inject, Injectable, Module, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { MessagePattern, type MicroserviceOptions } from '@nestjs/microservices';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Bus, BusError } from '../src/index.js';
import { AnswersReports, BusStrategy, Serves } from '../src/nest/index.js';
import { gate, openBus, recordingLogger, until } from './fixture.js';

const greet = operation<{ name: string }, { greeting: string; caller: string }>('greetings.greet');
const context = { tenant: 'default', caller: 'key-1', requestId: 'r' } as AskContext;

@Injectable()
class Greeter {
  greeting(name: string): string {
    if (name === '') throw new ProblemError({ status: 422, code: 'nameless', detail: 'Who?' });
    if (name === 'nobody') throw new Error('internal matters');
    return `hello ${name}`;
  }
}

const batches = gate();
let running = 0;

@Controller()
class Greetings {
  constructor(@Inject(Greeter) private readonly greeter: Greeter) {}

  @Serves(greet)
  async greet(request: { name: string }, asked: AskContext): Promise<{ greeting: string; caller: string }> {
    return { greeting: this.greeter.greeting(request.name), caller: asked.caller };
  }

  @AnswersReports('transactions')
  async reports(batch: ReportBatch): Promise<Receipt[]> {
    running += 1;
    await batches.opened;
    return batch.reports.map(() => ({ answer: {} }));
  }
}

/** Belongs to another transport of the same process; the strategy must not take it. */
@Controller()
class Elsewhere {
  @MessagePattern('elsewhere', 3)
  async other(): Promise<object> {
    return {};
  }
}

@Controller()
class Twice {
  @Serves(greet)
  async again(): Promise<{ greeting: string; caller: string }> {
    return { greeting: '', caller: '' };
  }
}

@Controller()
class Undecorated {
  @MessagePattern('anything')
  async any(): Promise<object> {
    return {};
  }
}

async function start(bus: Bus, controllers: Type[], logger = recordingLogger().logger) {
  @Module({ controllers, providers: [Greeter] })
  class Root {}
  const app = await NestFactory.createMicroservice<MicroserviceOptions>(Root, {
    strategy: new BusStrategy(bus, 'greetings', logger),
    logger: false,
    abortOnError: false,
  });
  onTestFinished(() => app.close());
  await app.listen();
  return app;
}

describe('BusStrategy', () => {
  // An ask reaches its method with request and context; what the method throws is a problem, the unforeseen without detail.
  it('serves asks', async () => {
    const { logger, lines } = recordingLogger();
    const bus = await openBus();
    await start(bus, [Greetings, Elsewhere], logger);
    expect(await bus.ask(greet, { name: 'you' }, context)).toEqual({ greeting: 'hello you', caller: 'key-1' });
    const problems = await Promise.all(
      ['', 'nobody'].map((name) =>
        bus.ask(greet, { name }, context).catch((error: unknown) => error instanceof ProblemError && error.problem),
      ),
    );
    expect(problems).toEqual([
      { status: 422, code: 'nameless', detail: 'Who?' },
      { status: 500, code: 'internal', detail: 'The request failed.' },
    ]);
    expect(lines).toEqual([
      expect.objectContaining({
        msg: 'an operation failed',
        operation: 'greetings.greet',
        err: expect.objectContaining({ message: 'internal matters' }),
      }),
    ]);
    await expect(bus.request(`${bus.prefix}.ask.elsewhere`, {}, { timeoutMs: 1000 })).rejects.toMatchObject({
      code: 'no-responders',
    });
  });

  // Many batches are handled at the same time, a probe among them, and each has its own receipts.
  it('takes many batches at once', async () => {
    const bus = await openBus();
    await start(bus, [Greetings]);
    const numbers = Array.from({ length: 200 }, (_, n) => n);
    const answers = Promise.all(
      numbers.map((n) => {
        const batch = { id: `b${n}`, gateway: 'g', reports: Array(n % 3).fill({}) };
        return bus.request(bus.subjects.reports('transactions'), batch, { timeoutMs: 10_000 });
      }),
    );
    await until('all batches are being handled', () => running === 200);
    batches.open();
    expect(await answers).toEqual(
      numbers.map((n) => ({ batch: `b${n}`, receipts: Array(n % 3).fill({ answer: {} }) })),
    );
  });

  // After closing nothing is taken any more, and the bus is still open.
  it('closes without the bus', async () => {
    const bus = await openBus();
    const app = await start(bus, [Greetings]);
    await app.close();
    const outcome = await bus.ask(greet, { name: 'you' }, context).catch((error: BusError) => error.code);
    expect(outcome).toBe('no-responders');
    expect(bus.connected).toBe(true);
  });

  // Two handlers of one subject, or one that we cannot place, are mistakes of the program: the start fails.
  it.each([
    ['has two handlers', [Greetings, Twice]],
    ['needs @Serves or @AnswersReports', [Undecorated]],
  ])('refuses what %s', async (message, controllers) => {
    const bus = await openBus();
    await expect(start(bus, controllers)).rejects.toThrow(message);
  });
});
