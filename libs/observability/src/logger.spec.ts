import { describe, expect, it } from 'vitest';
import { createLogger, type Logger } from './logger.js';

function recording(level: 'debug' | 'info' | 'silent' = 'debug'): {
  logger: Logger;
  raw: () => string;
  lines: () => unknown[];
} {
  let raw = '';
  const logger = createLogger({ app: 'gateway', level, destination: { write: (line) => (raw += line) } });
  return {
    logger,
    raw: () => raw,
    lines: () =>
      raw
        .split('\n')
        .filter((line) => line !== '')
        .map((line): unknown => JSON.parse(line)),
  };
}

describe('createLogger', () => {
  // One event is one JSON line with app, level, time and message.
  it('writes one line an event', () => {
    const { logger, lines } = recording();
    logger.info({ stations: 3 }, 'ready');
    logger.warn('plain');
    expect(lines()).toEqual([
      { level: 'info', time: expect.stringMatching(/Z$/), app: 'gateway', pid: process.pid, stations: 3, msg: 'ready' },
      { level: 'warn', time: expect.stringMatching(/Z$/), app: 'gateway', pid: process.pid, msg: 'plain' },
    ]);
  });

  // What a station sends must not steer a terminal or forge a line, not even after the JSON is decoded.
  it('shows control characters instead of sending them', () => {
    const { logger, raw, lines } = recording();
    const hostile = 'a\u001b[31mred\n{"level":"error"}\r\u0000\u009b2J\u202eevil\u2028';
    logger.child({ identity: hostile }).info({ deep: { list: [hostile] }, [hostile]: 1 }, hostile);
    const shown = 'a\\x1b[31mred\\x0a{"level":"error"}\\x0d\\x00\\x9b2J\\u{202e}evil\\u{2028}';
    expect(lines()).toEqual([expect.objectContaining({ identity: shown, deep: { list: [shown] }, msg: shown })]);
    expect(raw().trimEnd()).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}]/u);
  });

  // A frame of a megabyte must not become a line of a megabyte.
  it('cuts long texts and wide values', () => {
    const { logger, raw, lines } = recording();
    logger.info({ frame: 'x'.repeat(100_000), list: Array.from({ length: 1000 }, () => 'y') }, 'z'.repeat(1000));
    expect(raw().length).toBeLessThan(2000);
    expect(lines()).toEqual([
      expect.objectContaining({ frame: `${'x'.repeat(256)}…(100000)`, msg: `${'z'.repeat(256)}…(1000)` }),
    ]);
  });

  // An error is told with its code, frames and causes; its message is text like any other.
  it('tells errors', () => {
    const { logger, lines } = recording();
    const cause = Object.assign(new Error('row\u001b[0m'), { code: '23514' });
    logger.error({ err: new Error('store failed', { cause }) }, 'failed');
    expect(lines()).toEqual([
      expect.objectContaining({
        err: {
          type: 'Error',
          message: 'store failed',
          stack: expect.stringContaining('logger.spec.ts'),
          cause: { type: 'Error', message: 'row\\x1b[0m', code: '23514', stack: expect.any(String) },
        },
      }),
    ]);
  });

  // A value that contains itself must end, not hang or throw.
  it('survives odd values', () => {
    const { logger, lines } = recording();
    const loop: Record<string, unknown> = {
      big: 1n,
      call: () => 1,
      bytes: new Uint8Array(3),
      when: new Date(0),
      bad: new Date(Number.NaN),
    };
    loop['self'] = loop;
    logger.info({ loop }, 'odd');
    expect(lines()).toEqual([
      expect.objectContaining({
        loop: expect.objectContaining({
          big: '1',
          call: '[function]',
          bytes: '[3 bytes]',
          when: '1970-01-01T00:00:00.000Z',
          bad: 'invalid date',
        }),
      }),
    ]);
  });

  // Below its level a logger writes nothing.
  it('keeps to its level', () => {
    const { logger, raw } = recording('info');
    logger.debug({ a: 1 }, 'not this');
    const silent = recording('silent');
    silent.logger.error('nor this');
    expect(raw() + silent.raw()).toBe('');
  });
});
