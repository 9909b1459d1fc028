import { type PrivateStores, type System, startStores, startSystem } from '@busbar/testing';
import { startGenerators } from './generators.js';
import {
  commandLatencies,
  commitPath,
  committedReadings,
  idleBytes,
  numbered,
  ordersFor,
  register,
  startFloor,
  throughput,
} from './measurements.js';
import { cpuSeconds } from './processor-time.js';

/** `npm run bench [part …]`: every figure beside its floor, in the same run. */
const parts = ['heartbeats', 'meter-values', 'commands', 'idle', 'storm'] as const;
type Part = (typeof parts)[number];

interface Row {
  what: string;
  measured: string;
  floor: string;
  mark: string;
}

type Stores = PrivateStores<'postgres' | 'nats' | 'redis'>;

const connections = 200;
const idleStations = 15_000;
const stormStations = 10_000;

async function main(): Promise<void> {
  const asked = process.argv.slice(2);
  const chosen = parts.filter((part) => asked.length === 0 || asked.includes(part));
  const rows: Row[] = [];
  for (const part of chosen) {
    process.stderr.write(`measuring ${part} …\n`);
    rows.push(...(await withSystem(measure[part])));
  }
  process.stdout.write(`${table(rows)}\n`);
}

/** Each part has a system and stores of its own, so that none inherits what another left behind. */
async function withSystem(work: (system: System, stores: Stores) => Promise<Row[]>): Promise<Row[]> {
  const stores = await startStores('postgres', 'nats', 'redis');
  try {
    const system = await startSystem({
      postgresUrl: stores.stores.postgres.url,
      natsUrl: stores.stores.nats.url,
      redisUrl: stores.stores.redis.url,
      appEnv: {
        stations: { BUSBAR_UNKNOWN_STATIONS: 'accept', BUSBAR_UNKNOWN_STATIONS_MAX: '100000' },
        // A generator's station sends as fast as it is answered.
        gateway: { BUSBAR_MESSAGE_RATE: '100000', BUSBAR_STATIONS_MAX: '16000' },
      },
    });
    try {
      return await work(system, stores);
    } finally {
      await system.stop();
    }
  } finally {
    await stores.stop();
  }
}

function portsOf(system: System): number[] {
  return system.apps.gateway.map(({ ports }) => ports['stations'] ?? 0);
}

function onlyFirst(system: System): number[] {
  return portsOf(system).slice(0, 1);
}

const steady = { path: '/ocpp/', connectsPerSecond: 400, warmUpMs: 3_000, measureMs: 8_000 };

const measure: Record<Part, (system: System, stores: Stores) => Promise<Row[]>> = {
  heartbeats: async (system, stores) => {
    const floor = await floorThroughput('heartbeat');
    const orders = ordersFor(numbered('BEAT', connections), onlyFirst(system), { ...steady, message: 'heartbeat' });
    const { load, cpu } = await throughput(orders, commitPath(system, stores));
    const perCpu = load.perSecond / (cpu['gateway'] ?? Number.NaN);
    return [
      {
        what: 'heartbeats per gateway cpu-second',
        measured: `${round(perCpu)} (${round(load.perSecond)}/s, p99 ${ms(load.latencies.quantile(0.99))}, ${generators(load)})`,
        floor: `${round(floor)} bare process, ratio ${(perCpu / floor).toFixed(2)}`,
        mark: 'ratio 0.6, goal 0.8',
      },
    ];
  },
  'meter-values': async (system, stores) => {
    const floor = await floorThroughput('meter-values');
    const before = await committedReadings(system);
    const orders = ordersFor(numbered('METER', connections), onlyFirst(system), { ...steady, message: 'meter-values' });
    const { load, cpu } = await throughput(orders, commitPath(system, stores));
    const committed = (await committedReadings(system)) - before;
    const total = Object.values(cpu).reduce((sum, used) => sum + used, 0);
    const shares = Object.entries(cpu)
      .filter(([, used]) => used >= 0.01)
      .map(([name, used]) => `${name} ${used.toFixed(2)}`)
      .join(', ');
    if (committed < load.answered) throw new Error(`${load.answered} were answered, ${committed} are stored`);
    return [
      {
        what: 'MeterValues answered after commit, per core of everything',
        measured: `${round(load.perSecond / total)} (${round(load.perSecond)}/s on ${total.toFixed(2)} cores: ${shares}; ${generators(load)})`,
        floor: `${round(floor)} bare process, nothing stored`,
        mark: '5,500, goal 10,000',
      },
      {
        what: `MeterValues p99 at ${connections} connections`,
        measured: `${ms(load.latencies.quantile(0.99))} (p50 ${ms(load.latencies.quantile(0.5))}); ${round(committed)} stored, ${round(load.answered)} answered while measuring`,
        floor: '',
        mark: '50 ms',
      },
    ];
  },
  commands: async (system) => {
    const identities = numbered('IDLE', 1_000);
    const running = startGenerators(
      ordersFor(identities, portsOf(system), { ...steady, message: 'none', warmUpMs: 0, measureMs: 0 }),
    );
    try {
      await running.booted;
      const latencies = await commandLatencies(
        system,
        identities.map(({ identity }) => identity),
        1_000,
      );
      return [
        {
          what: 'command, HTTP to station and back, p99 with 1,000 idle stations',
          measured: `${ms(latencies.quantile(0.99))} (p50 ${ms(latencies.quantile(0.5))})`,
          floor: '',
          mark: '10 ms, goal 5 ms',
        },
      ];
    } finally {
      await running.stop();
    }
  },
  idle: async (system) => {
    const order = { ...steady, message: 'none', connectsPerSecond: 1_500, warmUpMs: 0, measureMs: 5_000 } as const;
    const stations = numbered('REST', idleStations);
    const floor = await startFloor();
    try {
      const bare = await idleBytes(ordersFor(stations, [floor.port], order), floor.pid);
      const [gateway] = system.apps.gateway;
      if (gateway === undefined) throw new Error('no gateway runs');
      const ours = await idleBytes(ordersFor(stations, onlyFirst(system), order), gateway.pid);
      return [
        {
          what: `bytes per idle station, ${round(idleStations)} on one gateway`,
          measured: `${round(ours)} in the process; 100,000 stations: ${round((ours * 100_000) / 1024 ** 2)} MiB`,
          floor: `${round(bare)} bare process, ${round(ours - bare)} above it`,
          mark: '4,096 above the bare process',
        },
      ];
    } finally {
      floor.stop();
    }
  },
  storm: async (system) => {
    const identities = numbered('STORM', stormStations).map(({ identity }) => identity);
    const stations = await register(system, identities);
    const running = startGenerators(
      ordersFor(stations, portsOf(system), {
        ...steady,
        message: 'none',
        connectsPerSecond: 1e9,
        warmUpMs: 0,
        measureMs: 0,
      }),
    );
    try {
      const load = await running.findings;
      const refused = Object.entries(load.refused)
        .map(([status, count]) => `${count} × ${status}`)
        .join(', ');
      return [
        {
          what: `${round(stormStations)} stations connect, authenticate and boot at once, two gateways`,
          measured: `${(load.bootedAfterMs / 1000).toFixed(1)} s to the last answer; sent back to try again: ${refused || 'none'}; closed: ${load.closed}`,
          floor: '',
          mark: '10 s, goal 4 s',
        },
      ];
    } finally {
      await running.stop();
    }
  },
};

async function floorThroughput(message: 'heartbeat' | 'meter-values'): Promise<number> {
  const floor = await startFloor();
  try {
    const orders = ordersFor(numbered('FLOOR', connections), [floor.port], { ...steady, message });
    const { load, cpu } = await throughput(orders, { floor: () => cpuSeconds(floor.pid) });
    return load.perSecond / (cpu['floor'] ?? Number.NaN);
  } finally {
    floor.stop();
  }
}

function generators({ generatorLoad }: { generatorLoad: number }): string {
  return `busiest generator ${Math.round(generatorLoad * 100)} %`;
}

function round(value: number): string {
  return Math.round(value).toLocaleString('en');
}

function ms(value: number): string {
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} ms`;
}

function table(rows: readonly Row[]): string {
  const head = '| what | measured | floor | first mark, goal |\n| --- | --- | --- | --- |';
  const body = rows.map(({ what, measured, floor, mark }) => `| ${what} | ${measured} | ${floor} | ${mark} |`);
  return [head, ...body].join('\n');
}

await main();
