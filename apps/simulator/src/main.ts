import { type CommandLine, readCommandLine, UsageError } from './command-line.js';
import { Fleet } from './fleet.js';
import { scenarios } from './scenarios/index.js';
import { ChargingStation, type StationOptions } from './station/charging-station.js';

/** One JSON line an event, as every other process of Busbar writes. */
function print(event: string, detail: Record<string, unknown> = {}): void {
  process.stdout.write(
    `${JSON.stringify({ time: new Date().toISOString(), app: 'simulator', msg: event, ...detail })}\n`,
  );
}

function withEvents(options: StationOptions, quiet: boolean): StationOptions {
  return quiet
    ? options
    : { ...options, onEvent: (event, detail) => print(event, { station: options.identity, ...detail }) };
}

async function play(line: CommandLine): Promise<number> {
  const scenario = scenarios.find((one) => one.name === line.scenario);
  const [options] = line.stations;
  if (scenario === undefined || options === undefined) {
    throw new UsageError(`there is no scenario "${line.scenario}"; "scenarios" lists them`);
  }
  const station = new ChargingStation(withEvents(options, line.quiet));
  const [connector] = station.connectors;
  if (connector === undefined) {
    throw new UsageError('the station has no connector');
  }
  station.start();
  try {
    await scenario.play({ station, connector, idTag: line.token, chargeSeconds: line.chargeSeconds });
    print('played', { scenario: scenario.name });
    return 0;
  } catch (error) {
    print('failed', { scenario: scenario.name, reason: error instanceof Error ? error.message : String(error) });
    return 1;
  } finally {
    station.stop();
  }
}

async function run(line: CommandLine): Promise<number> {
  const fleet = new Fleet(line);
  const ended = new Promise<number>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.once(signal, () => {
        void fleet.stop().then(() => resolve(0));
      });
    }
  });
  await fleet.start(line.stations.map((options) => withEvents(options, line.quiet)));
  print('ready', { stations: line.stations.length, ports: {} });
  return ended;
}

async function main(): Promise<number> {
  const line = readCommandLine(process.argv.slice(2));
  switch (line.verb) {
    case 'scenarios':
      process.stdout.write(scenarios.map((one) => `${one.name.padEnd(16)}${one.summary}\n`).join(''));
      return 0;
    case 'play':
      return play(line);
    case 'run':
      return run(line);
  }
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(error instanceof UsageError ? 2 : 1);
  },
);
