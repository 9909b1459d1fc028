import { ConfigError, integer } from '@busbar/config';
import { describe, expect, it } from 'vitest';
import { directUrl, readServiceSettings } from './settings.js';

const needed = { BUSBAR_POSTGRES_URL: 'postgres://one/db' };

describe('readServiceSettings', () => {
  // A service needs nothing but its database to be named.
  it('has a default for everything but the database', () => {
    const { settings, warnings } = readServiceSettings(undefined, needed);
    expect(settings).toMatchObject({ environment: 'production', listen: '127.0.0.1', prefix: 'busbar', fault: '' });
    expect(warnings).toEqual([]);
    expect(() => readServiceSettings(undefined, {})).toThrow(ConfigError);
  });

  // A service's own settings are read beside the common ones, and may give one of them another default.
  it('reads own settings', () => {
    const own = {
      sweepMs: integer({ env: 'BUSBAR_SWEEP_MS', default: 5, min: 1, max: 9, why: 'often' }),
      postgresPoolMax: integer({ env: 'BUSBAR_POSTGRES_POOL_MAX', default: 20, min: 2, max: 200, why: 'batches' }),
    };
    const { settings } = readServiceSettings(own, { ...needed, BUSBAR_SWEEP_MS: '7' });
    expect(settings).toMatchObject({ sweepMs: 7, postgresPoolMax: 20 });
  });

  // A fault hook must never be armed where real stations charge.
  it('refuses faults in production', () => {
    const env = { ...needed, BUSBAR_FAULT: 'after-commit' };
    expect(() => readServiceSettings(undefined, env)).toThrow('BUSBAR_FAULT is for tests');
    const { settings } = readServiceSettings(undefined, { ...env, BUSBAR_ENVIRONMENT: 'development' });
    expect(settings.fault).toBe('after-commit');
  });
});

describe('directUrl', () => {
  // Locks need sessions of their own, past a pooler.
  it('prefers the direct way', () => {
    const env = { ...needed, BUSBAR_POSTGRES_DIRECT_URL: 'postgres://two/db' };
    expect(directUrl(readServiceSettings(undefined, env).settings)).toBe('postgres://two/db');
    expect(directUrl(readServiceSettings(undefined, needed).settings)).toBe('postgres://one/db');
  });
});
