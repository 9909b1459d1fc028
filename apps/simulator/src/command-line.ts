import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { StationOptions } from './station/charging-station.js';

const usage = `usage: busbar-simulator run|play <scenario>|scenarios [options]

  --url URL            where stations connect; the identity is added   ws://127.0.0.1:9000/ocpp/
  --identity NAME      identity of the station, or the prefix of many   SIM
  --key HEX            Basic auth key of a single station
  --stations N         N stations named NAME-1 … NAME-N                1
  --stations-file F    JSON: [{ "identity", "key" }], instead of the above
  --connectors N       connectors of each station                      2
  --token TOKEN        the token that drivers show                     DEMO-TOKEN
  --charge SECONDS     how long a driver charges                       60
  --pause SECONDS      how long between two drivers                    20
  --no-drivers         nobody comes by; remote starts still work
  --power W            what a car takes                                11000
  --plug-after SECONDS plug in this long after a remote start          1
  --leave-after SECS   leave this long after that; 0 stays             0
  --ramp PER-SECOND    stations switched on per second                 50
  --quiet              print no events
`;

export interface CommandLine {
  verb: 'run' | 'play' | 'scenarios';
  scenario: string;
  stations: StationOptions[];
  token: string;
  chargeSeconds: number;
  pauseSeconds: number;
  drivers: boolean;
  rampPerSecond: number;
  quiet: boolean;
}

/** Thrown for a command line that makes no sense; the message is for the person who typed it. */
export class UsageError extends Error {
  readonly code = 'usage';
}

/** Reads the command line. Throws `UsageError`. */
export function readCommandLine(words: string[]): CommandLine {
  const { values, positionals } = parse(words);
  const [verb, scenario] = positionals;
  if (verb !== 'run' && verb !== 'play' && verb !== 'scenarios') {
    throw new UsageError(usage);
  }
  if (verb === 'play' && scenario === undefined) {
    throw new UsageError('play which scenario? "scenarios" lists them');
  }
  const leaveAfterMs = whole('leave-after', values['leave-after'], 0, 86_400) * 1000;
  return {
    verb,
    scenario: scenario ?? '',
    stations: stationsOf(values).map((station) => ({
      ...station,
      url: values.url.endsWith('/') ? values.url : `${values.url}/`,
      connectors: whole('connectors', values.connectors, 1, 100),
      vendor: 'Busbar',
      model: 'Simulator',
      firmwareVersion: '1.0.0',
      powerW: whole('power', values.power, 1, 1_000_000),
      meterStartWh: 1000,
      callTimeoutMs: 30_000,
      backOffMs: 1_000,
      backOffMaxMs: 30_000,
      plugAfterRemoteStartMs: whole('plug-after', values['plug-after'], 0, 3600) * 1000,
      ...(leaveAfterMs === 0 ? {} : { leaveAfterRemoteStartMs: leaveAfterMs }),
    })),
    token: values.token,
    chargeSeconds: whole('charge', values.charge, 1, 86_400),
    pauseSeconds: whole('pause', values.pause, 0, 86_400),
    drivers: !values['no-drivers'],
    rampPerSecond: whole('ramp', values.ramp, 1, 10_000),
    quiet: values.quiet,
  };
}

function parse(words: string[]) {
  try {
    return parseArgs({
      args: words,
      allowPositionals: true,
      options: {
        url: { type: 'string', default: 'ws://127.0.0.1:9000/ocpp/' },
        identity: { type: 'string', default: 'SIM' },
        key: { type: 'string' },
        stations: { type: 'string', default: '1' },
        'stations-file': { type: 'string' },
        connectors: { type: 'string', default: '2' },
        token: { type: 'string', default: 'DEMO-TOKEN' },
        charge: { type: 'string', default: '60' },
        pause: { type: 'string', default: '20' },
        'no-drivers': { type: 'boolean', default: false },
        power: { type: 'string', default: '11000' },
        'plug-after': { type: 'string', default: '1' },
        'leave-after': { type: 'string', default: '0' },
        ramp: { type: 'string', default: '50' },
        quiet: { type: 'boolean', default: false },
      },
    });
  } catch (error) {
    throw new UsageError(`${error instanceof Error ? error.message : String(error)}\n\n${usage}`);
  }
}

function stationsOf(values: {
  identity: string;
  key?: string | undefined;
  stations: string;
  'stations-file'?: string | undefined;
}): { identity: string; key?: string }[] {
  const file = values['stations-file'];
  if (file !== undefined) {
    return readStations(file);
  }
  const count = whole('stations', values.stations, 1, 20_000);
  if (count === 1) {
    return [{ identity: values.identity, ...(values.key === undefined ? {} : { key: values.key }) }];
  }
  return Array.from({ length: count }, (_, at) => ({ identity: `${values.identity}-${at + 1}` }));
}

function readStations(file: string): { identity: string; key?: string }[] {
  const list: unknown = JSON.parse(readFileSync(file, 'utf8'));
  if (!Array.isArray(list)) {
    throw new UsageError(`${file} is no JSON array`);
  }
  return list.map((entry: unknown) => {
    if (typeof entry !== 'object' || entry === null || !('identity' in entry) || typeof entry.identity !== 'string') {
      throw new UsageError(`${file}: every entry needs an identity`);
    }
    const key = 'key' in entry && typeof entry.key === 'string' ? { key: entry.key } : {};
    return { identity: entry.identity, ...key };
  });
}

function whole(name: string, text: string, min: number, max: number): number {
  const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= min && value <= max)) {
    throw new UsageError(`--${name} must be a whole number from ${min} to ${max}`);
  }
  return value;
}
