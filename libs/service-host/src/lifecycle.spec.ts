import { createLogger } from '@busbar/observability';
import { describe, expect, it } from 'vitest';
import { Lifecycle } from './lifecycle.js';

function begin() {
  const lines: Record<string, unknown>[] = [];
  const write = (line: string) => lines.push(JSON.parse(line) as Record<string, unknown>);
  const codes: number[] = [];
  let exited: () => void = () => undefined;
  const exit = new Promise<void>((resolve) => {
    exited = resolve;
  });
  const lifecycle = new Lifecycle(createLogger({ app: 'test', level: 'info', destination: { write } }), (code) => {
    codes.push(code);
    exited();
  });
  return { lifecycle, codes, lines, exit };
}

describe('Lifecycle', () => {
  // What was started last may use what was started first, so it is stopped first; one after the other, once.
  it('stops in the reverse order', async () => {
    const { lifecycle, codes } = begin();
    const events: string[] = [];
    lifecycle.add('database', () => void events.push('database'));
    lifecycle.add('handlers', async () => {
      events.push('handlers stopping');
      await Promise.resolve();
      events.push('handlers stopped');
    });
    await Promise.all([lifecycle.stop(0, 1000, 'SIGTERM'), lifecycle.stop(1, 1000, 'SIGINT')]);
    expect(events).toEqual(['handlers stopping', 'handlers stopped', 'database']);
    expect(codes).toEqual([0]);
    expect(lifecycle.stopping).toBe(true);
  });

  // A part that cannot be stopped does not keep the others open, and is not called a success.
  it('goes on after a failure', async () => {
    const { lifecycle, codes, lines } = begin();
    let closed = false;
    lifecycle.add('database', () => {
      closed = true;
    });
    lifecycle.add('handlers', () => {
      throw new Error('stuck');
    });
    await lifecycle.stop(0, 1000, 'SIGTERM');
    expect(closed).toBe(true);
    expect(codes).toEqual([1]);
    expect(lines).toContainEqual(expect.objectContaining({ level: 'error', part: 'handlers' }));
  });

  // A part that hangs is named, and the process ends all the same.
  it('ends at its deadline', async () => {
    const { lifecycle, codes, lines, exit } = begin();
    lifecycle.add('handlers', () => new Promise<void>(() => undefined));
    void lifecycle.stop(0, 20, 'SIGTERM');
    await exit;
    expect(codes).toEqual([1]);
    expect(lines).toContainEqual(expect.objectContaining({ part: 'handlers', msg: 'stopping took too long' }));
  });
});
