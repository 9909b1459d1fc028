import { describe, expect, expectTypeOf, it } from 'vitest';
import {
  ConfigError,
  choice,
  describeSettings,
  flag,
  integer,
  port,
  ports,
  readSettings,
  secret,
  text,
  url,
} from './index.js';

const schema = {
  listen: text({ env: 'BUSBAR_LISTEN', default: '127.0.0.1', why: 'only this machine may connect' }),
  poolMax: integer({ env: 'BUSBAR_POOL_MAX', default: 10, min: 1, max: 100, unit: 'connections', why: 'enough' }),
  strict: flag({ env: 'BUSBAR_STRICT', default: false, why: 'stations are sloppy' }),
  level: choice({ env: 'BUSBAR_LEVEL', options: ['info', 'debug'], default: 'info', why: 'quiet' }),
  key: secret({ env: 'BUSBAR_KEY', why: 'signs what must be signed' }),
  health: port({ env: 'BUSBAR_HEALTH_PORT', default: 0, why: 'any free port' }),
  stations: ports({ env: 'BUSBAR_PORTS', default: [9000, 9001], why: 'two gateways' }),
  bus: url({ env: 'BUSBAR_NATS_URL', schemes: ['nats', 'tls'], default: 'nats://127.0.0.1:4222', why: 'local' }),
};

function failure(env: NodeJS.ProcessEnv): ConfigError {
  try {
    readSettings(schema, env);
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
  throw new Error('the settings were accepted');
}

describe('readSettings', () => {
  // Defaults fill what is unset or empty, and the result is fully typed.
  it('takes defaults', () => {
    const { settings, warnings } = readSettings(schema, { BUSBAR_KEY: 'k', BUSBAR_LISTEN: '', PATH: '/bin' });
    expect(settings).toEqual({
      listen: '127.0.0.1',
      poolMax: 10,
      strict: false,
      level: 'info',
      key: 'k',
      health: 0,
      stations: [9000, 9001],
      bus: 'nats://127.0.0.1:4222',
    });
    expect(warnings).toEqual([]);
    expectTypeOf(settings.level).toEqualTypeOf<'info' | 'debug'>();
    expectTypeOf(settings.poolMax).toEqualTypeOf<number>();
  });

  // Given values win over defaults and are parsed.
  it('reads given values', () => {
    const { settings } = readSettings(schema, {
      BUSBAR_KEY: 'k',
      BUSBAR_STRICT: 'Yes',
      BUSBAR_PORTS: '1, 2',
      BUSBAR_POOL_MAX: '100',
      BUSBAR_NATS_URL: 'tls://nats.example:4222',
    });
    expect(settings).toMatchObject({ strict: true, stations: [1, 2], poolMax: 100, bus: 'tls://nats.example:4222' });
  });

  // Every bad value is named at once, so that an operator fixes them in one go.
  it('names every problem', () => {
    const error = failure({
      BUSBAR_POOL_MAX: '101',
      BUSBAR_STRICT: 'maybe',
      BUSBAR_LEVEL: 'loud',
      BUSBAR_HEALTH_PORT: '1e3',
      BUSBAR_PORTS: '1,x',
      BUSBAR_LISTEN: 'a\u001bb',
    });
    expect(error.code).toBe('config-invalid');
    expect(error.problems).toEqual([
      'BUSBAR_LISTEN must not contain control characters, but "a\\u001bb" is not',
      'BUSBAR_POOL_MAX must be a whole number from 1 to 100, but "101" is not',
      'BUSBAR_STRICT must be true or false, but "maybe" is not',
      'BUSBAR_LEVEL must be one of info, debug, but "loud" is not',
      'BUSBAR_KEY is missing: secret text; signs what must be signed',
      'BUSBAR_HEALTH_PORT must be a whole number from 0 to 65535, but "1e3" is not',
      'BUSBAR_PORTS must be a whole number from 0 to 65535, but "1,x" is not',
    ]);
  });

  // A password in a URL or a key must not reach a terminal because it was mistyped.
  it('does not quote secrets', () => {
    const error = failure({ BUSBAR_KEY: 'top\nsecret', BUSBAR_NATS_URL: 'http://user:top-secret@x' });
    expect(error.problems).toHaveLength(2);
    expect(error.message).not.toContain('secret@');
    expect(error.message).not.toContain('top');
  });

  // A URL with an empty default may be left out.
  it('has optional URLs', () => {
    const optional = { direct: url({ env: 'BUSBAR_DIRECT_URL', schemes: ['postgres'], default: '', why: 'rarely' }) };
    expect(readSettings(optional, {}).settings).toEqual({ direct: '' });
    expect(() => readSettings(optional, { BUSBAR_DIRECT_URL: 'http://x' })).toThrow(ConfigError);
  });

  // A misspelt variable would otherwise be a setting that silently does nothing.
  it('warns about unknown variables', () => {
    const { warnings } = readSettings(schema, { BUSBAR_KEY: 'k', BUSBAR_LSTEN: '::', BUSBAR_TEST_NATS_URL: 'x' });
    expect(warnings).toEqual(['BUSBAR_LSTEN is set, but nothing here reads it']);
  });

  // Names that only exist on every object must not count as flags.
  it('does not take inherited names for flags', () => {
    expect(failure({ BUSBAR_KEY: 'k', BUSBAR_STRICT: 'constructor' }).problems).toHaveLength(1);
  });
});

describe('describeSettings', () => {
  // The documentation is generated from these rows.
  it('gives a row per setting', () => {
    expect(describeSettings({ poolMax: schema.poolMax, key: schema.key })).toEqual([
      {
        env: 'BUSBAR_POOL_MAX',
        type: 'integer 1..100',
        unit: 'connections',
        default: '10',
        secret: false,
        why: 'enough',
      },
      {
        env: 'BUSBAR_KEY',
        type: 'secret text',
        unit: null,
        default: null,
        secret: true,
        why: 'signs what must be signed',
      },
    ]);
  });
});
