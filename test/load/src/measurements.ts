import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { PrivateStores, System } from '@busbar/testing';
import pg from 'pg';
import type { Order } from './generator.js';
import { type Load, startGenerators } from './generators.js';
import { Latencies } from './latencies.js';
import { cpuSeconds, cpuSecondsOfTree, residentBytes } from './processor-time.js';

export interface Throughput {
  load: Load;
  /** Processor seconds per second, of each process that took part. */
  cpu: Record<string, number>;
}

export interface Floor {
  port: number;
  pid: number;
  stop(): void;
}

/** Starts the bare engine. */
export async function startFloor(): Promise<Floor> {
  const child: ChildProcess = spawn(process.execPath, [fileURLToPath(new URL('./floor.js', import.meta.url))], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (child.stdout === null || child.pid === undefined) throw new Error('the floor did not start');
  for await (const line of createInterface({ input: child.stdout })) {
    const { port } = JSON.parse(line) as { port: number };
    return { port, pid: child.pid, stop: () => child.kill() };
  }
  throw new Error('the floor ended before it listened');
}

/** Splits stations over `processes` generators; ports take turns. */
export function ordersFor(
  stations: readonly { identity: string; key?: string }[],
  ports: readonly number[],
  rest: Omit<Order, 'port' | 'stations'>,
  processes = 2,
): Order[] {
  return Array.from({ length: processes }, (_, at) => ({
    ...rest,
    connectsPerSecond: rest.connectsPerSecond / processes,
    port: ports[at % ports.length] ?? 0,
    stations: stations.filter((_station, index) => index % processes === at),
  }));
}

export function numbered(prefix: string, count: number): { identity: string }[] {
  return Array.from({ length: count }, (_, at) => ({ identity: `${prefix}-${at + 1}` }));
}

/** Runs a load and takes the processor time of the named processes over the measured span. */
export async function throughput(
  orders: readonly Order[],
  processes: Readonly<Record<string, () => number>>,
): Promise<Throughput> {
  const running = startGenerators(orders);
  const [first] = orders;
  if (first === undefined) throw new Error('no orders');
  try {
    await running.booted;
    await pause(first.warmUpMs);
    const before = read(processes);
    const from = performance.now();
    await pause(first.measureMs);
    const after = read(processes);
    const seconds = (performance.now() - from) / 1000;
    const cpu = Object.fromEntries(
      Object.keys(processes).map((name) => [name, ((after[name] ?? 0) - (before[name] ?? 0)) / seconds]),
    );
    return { load: await running.findings, cpu };
  } finally {
    await running.stop();
  }
}

/** Every process of the commit path. */
export function commitPath(
  system: System,
  stores: PrivateStores<'postgres' | 'nats' | 'redis'>,
): Record<string, () => number> {
  const all: Record<string, () => number> = {};
  for (const app of ['gateway', 'transactions', 'stations', 'authorization', 'commands'] as const) {
    all[app] = () => system.apps[app].reduce((sum, { pid }) => sum + cpuSeconds(pid), 0);
  }
  for (const name of ['postgres', 'nats', 'redis'] as const) {
    const { pid } = stores.stores[name];
    if (pid !== null) all[name] = () => cpuSecondsOfTree(pid);
  }
  return all;
}

/** Readings that Postgres holds. */
export async function committedReadings(system: System): Promise<number> {
  const client = new pg.Client({ connectionString: system.database.adminUrl });
  await client.connect();
  try {
    const { rows } = await client.query<{ count: string }>('select count(*) from transactions.reading');
    return Number(rows[0]?.count ?? 0);
  } finally {
    await client.end();
  }
}

/** Bytes that each idle station costs a process: its growth while they connect and boot, once it has come to rest. */
export async function idleBytes(orders: readonly Order[], pid: number): Promise<number> {
  const before = residentBytes(pid);
  const running = startGenerators(orders);
  try {
    await running.booted;
    await running.findings;
    const stations = orders.reduce((sum, order) => sum + order.stations.length, 0);
    return (residentBytes(pid) - before) / stations;
  } finally {
    await running.stop();
  }
}

/** Sends commands one after the other through the API and takes the time until each one's outcome is back. */
export async function commandLatencies(
  system: System,
  identities: readonly string[],
  count: number,
): Promise<Latencies> {
  const latencies = new Latencies();
  for (let at = 0; at < count + 50; at += 1) {
    const identity = identities[at % identities.length] ?? '';
    const from = performance.now();
    const response = await fetch(`${system.apiUrl}/v1/stations/${encodeURIComponent(identity)}/commands`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${system.apiKey}`,
        'content-type': 'application/json',
        prefer: 'wait=10',
      },
      body: JSON.stringify({ type: 'ClearCache', params: {} }),
    });
    const command = (await response.json()) as { outcome?: string };
    if (command.outcome !== 'accepted') {
      throw new Error(`a command was answered with ${response.status}: ${JSON.stringify(command)}`);
    }
    // The first ones warm everything up.
    if (at >= 50) latencies.record(performance.now() - from);
  }
  return latencies;
}

/** Registers stations through the API, a few at a time; gives their keys. */
export async function register(
  system: System,
  identities: readonly string[],
): Promise<{ identity: string; key: string }[]> {
  const made: { identity: string; key: string }[] = [];
  const waiting = [...identities];
  const worker = async (): Promise<void> => {
    for (let identity = waiting.pop(); identity !== undefined; identity = waiting.pop()) {
      const { key } = await system.api<{ key: string }>('POST', '/stations', { identity, key: 'generate' });
      made.push({ identity, key });
    }
  };
  await Promise.all(Array.from({ length: 16 }, worker));
  return made;
}

function read(processes: Readonly<Record<string, () => number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(processes).map(([name, take]) => [name, take()]));
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
