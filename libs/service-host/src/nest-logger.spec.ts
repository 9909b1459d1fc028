import { createLogger } from '@busbar/observability';
import { describe, expect, it } from 'vitest';
import { NestLogger } from './nest-logger.js';

describe('NestLogger', () => {
  // Nest's chatter is for debugging; its warnings and errors keep their level, their class and their error.
  it('writes lines like ours', () => {
    const lines: unknown[] = [];
    const write = (line: string) => lines.push(JSON.parse(line));
    const logger = new NestLogger(createLogger({ app: 'test', level: 'info', destination: { write } }));
    logger.log('Starting', 'NestFactory');
    logger.warn('odd', 'Injector');
    logger.error(new Error('broken'), 'a stack', 'ExceptionHandler');
    logger.fatal({ code: 1 });
    expect(lines).toEqual([
      expect.objectContaining({ level: 'warn', nest: 'Injector', msg: 'odd' }),
      expect.objectContaining({
        level: 'error',
        nest: 'ExceptionHandler',
        detail: ['a stack'],
        err: expect.objectContaining({ message: 'broken' }),
        msg: 'broken',
      }),
      expect.objectContaining({ level: 'error', msg: '{"code":1}' }),
    ]);
  });
});
