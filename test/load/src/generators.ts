import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Findings, Order } from './generator.js';
import { Latencies } from './latencies.js';

/** What all generators found together. */
export interface Load {
  connected: number;
  refused: Record<string, number>;
  closed: number;
  bootedAfterMs: number;
  answered: number;
  errors: number;
  latencies: Latencies;
  perSecond: number;
  /** Of the busiest generator: near 1 it measured itself. */
  generatorLoad: number;
}

export interface RunningLoad {
  /** Resolves when every station has had its boot answered. */
  booted: Promise<void>;
  findings: Promise<Load>;
  /** Hangs up. */
  stop(): Promise<void>;
}

/** Spreads the stations over one process per order. */
export function startGenerators(orders: readonly Order[]): RunningLoad {
  const children = orders.map((order) => {
    const child = fork(fileURLToPath(new URL('./generator.js', import.meta.url)));
    child.send(order);
    return child;
  });
  const told = children.map((child) => {
    const booted = Promise.withResolvers<void>();
    const found = Promise.withResolvers<Findings>();
    child.on('message', (message: { booted?: true; findings?: Findings }) => {
      if (message.booted) booted.resolve();
      if (message.findings) found.resolve(message.findings);
    });
    child.once('exit', (code) => {
      const failure = new Error(`a generator ended with ${code}`);
      booted.reject(failure);
      found.reject(failure);
    });
    // Whoever waits hears of it; nobody has to.
    booted.promise.catch(() => undefined);
    found.promise.catch(() => undefined);
    return { booted: booted.promise, found: found.promise };
  });
  return {
    booted: Promise.all(told.map(({ booted }) => booted)).then(() => undefined),
    findings: Promise.all(told.map(({ found }) => found)).then(sum),
    stop: async () => {
      await Promise.all(
        children.map(async (child) => {
          if (child.exitCode !== null) return;
          const ended = new Promise((resolve) => child.once('exit', resolve));
          child.send('stop');
          await ended;
        }),
      );
    },
  };
}

function sum(parts: readonly Findings[]): Load {
  const latencies = new Latencies();
  const refused: Record<string, number> = {};
  for (const part of parts) {
    latencies.add(part.latencies);
    for (const [status, count] of Object.entries(part.refused)) refused[status] = (refused[status] ?? 0) + count;
  }
  const total = (of: (part: Findings) => number): number => parts.reduce((so, part) => so + of(part), 0);
  return {
    connected: total((part) => part.connected),
    refused,
    closed: total((part) => part.closed),
    bootedAfterMs: Math.max(...parts.map((part) => part.bootedAfterMs)),
    answered: total((part) => part.answered),
    errors: total((part) => part.errors),
    latencies,
    perSecond: total((part) => (part.answered * 1000) / part.measuredMs),
    generatorLoad: Math.max(...parts.map((part) => (part.cpuSeconds * 1000) / part.measuredMs)),
  };
}
