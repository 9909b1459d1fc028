import { spawn } from 'node:child_process';
import { describe, expect, it } from 'vitest';

const logger = new URL('../dist/index.js', import.meta.url).href;

/** Logs two lines in one turn once its reader has gone, then exits. */
const program = `
  import { createLogger } from ${JSON.stringify(logger)};
  const logger = createLogger({ app: 'test', level: 'info' });
  logger.info('ready');
  process.on('disconnect', () => {
    logger.info('one');
    logger.info('two');
    process.exit(7);
  });
`;

describe('a logger whose reader has gone', () => {
  // The process ends all the same: it must not wait for ever to be rid of its last lines.
  it('does not keep the process', async () => {
    const child = spawn(process.execPath, ['--input-type=module', '--eval', program], {
      stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    });
    await new Promise((resolve) => child.stdout?.once('data', resolve));
    await new Promise((resolve) => {
      child.stdout?.once('close', resolve);
      child.stdout?.destroy();
    });
    const ended = new Promise((resolve) => child.once('exit', (code, signal) => resolve(signal ?? code)));
    child.disconnect();
    const kill = setTimeout(() => child.kill('SIGKILL'), 5000);
    expect(await ended).toBe(7);
    clearTimeout(kill);
  });
});
