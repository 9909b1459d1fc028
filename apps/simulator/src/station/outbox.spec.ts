import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Answer } from './link.js';
import { Outbox, type OutgoingMessage } from './outbox.js';

const result: Answer = { kind: 'result', payload: {} };
const refused: Answer = { kind: 'error', code: 'InternalError', description: '' };

function message(action: string, transactionRelated: boolean): OutgoingMessage & { answers: Answer[] } {
  const answers: Answer[] = [];
  return {
    action,
    payload: () => ({}),
    transactionRelated,
    settled: (answer) => answers.push(answer),
    answers,
  };
}

describe('Outbox', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  function outbox(answers: Answer[]) {
    const sent: { action: string; at: number }[] = [];
    const made = new Outbox(
      async (action) => {
        sent.push({ action, at: Date.now() });
        return answers.shift() ?? result;
      },
      { attempts: () => 3, retryIntervalMs: () => 1000 },
      Date.now,
    );
    return { made, sent };
  }

  // A refused transaction message is repeated after one interval, then two, then given up; what follows waits.
  it('repeats with a growing wait and keeps the order', async () => {
    const { made, sent } = outbox([refused, refused, refused]);
    const start = message('StartTransaction', true);
    const stop = message('StopTransaction', true);
    const from = Date.now();
    made.open();
    made.push(start);
    made.push(stop);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(sent.map(({ action, at }) => [action, at - from])).toEqual([
      ['StartTransaction', 0],
      ['StartTransaction', 1000],
      ['StartTransaction', 3000],
      ['StopTransaction', 3000],
    ]);
    expect(start.answers).toEqual([refused]);
    expect(stop.answers).toEqual([result]);
    expect(made.owed).toBe(0);
  });

  // A lost connection is no attempt: the message waits and goes again on the next one.
  it('keeps what it owes while offline', async () => {
    const { made, sent } = outbox([{ kind: 'disconnected' }]);
    const start = message('StartTransaction', true);
    made.push(start);
    await vi.advanceTimersByTimeAsync(1000);
    expect(sent).toHaveLength(0);
    made.open();
    made.close();
    await vi.advanceTimersByTimeAsync(1000);
    expect([sent.length, start.answers, made.owed]).toEqual([1, [], 1]);
    made.open();
    await vi.advanceTimersByTimeAsync(1000);
    expect([sent.length, start.answers, made.owed]).toEqual([2, [result], 0]);
  });

  // Other messages overtake, and are lost with the connection.
  it('lets other messages overtake', async () => {
    const { made, sent } = outbox([refused]);
    const lost = message('Heartbeat', false);
    made.push(lost);
    expect(lost.answers).toEqual([{ kind: 'disconnected' }]);
    made.open();
    made.push(message('MeterValues', true));
    await vi.advanceTimersByTimeAsync(10);
    made.push(message('StatusNotification', false));
    await vi.advanceTimersByTimeAsync(5000);
    expect(sent.map(({ action }) => action)).toEqual(['MeterValues', 'StatusNotification', 'MeterValues']);
  });
});
