import type { GatewayId, ReportId, StationId, TenantId } from '@busbar/domain';
import type { Receipt, ReceiptBatch, Report, ReportBatch, ReportService } from '@busbar/events';
import { BusError } from '@busbar/messaging';
import { Metrics } from '@busbar/observability';
import { CountingIds, FakeClock, testLogger, waitUntil } from '@busbar/testing';
import { describe, expect, it } from 'vitest';
import { GatewayMetrics } from '../metrics.js';
import { CommitPath } from './commit-path.js';
import type { Delivery } from './delivery.js';
import { type BatchLimits, batchLimits, ReportBatcher } from './report-batcher.js';

const gateway = 'g1' as GatewayId;

interface Asked {
  batch: ReportBatch;
  answer(receipts: Receipt[]): void;
  fail(error: unknown): void;
}

function setUp(limits: Partial<BatchLimits> = {}) {
  const clock = new FakeClock();
  const asked: Asked[] = [];
  const told: string[] = [];
  const commitPath = new CommitPath(clock, 8000, {
    away: () => told.push('away'),
    back: () => told.push('back'),
  });
  const ask = (_: ReportService, batch: ReportBatch): Promise<ReceiptBatch> =>
    new Promise((resolve, reject) => {
      const answer = (receipts: Receipt[]) => resolve({ batch: batch.id, receipts });
      asked.push({ batch, answer, fail: reject });
    });
  const batcher = new ReportBatcher(
    'transactions',
    gateway,
    ask,
    {
      answered: (delivery, receipt) => told.push(`${delivery.report.id} ${JSON.stringify(receipt)}`),
      expired: (delivery) => told.push(`${delivery.report.id} expired`),
    },
    commitPath,
    clock,
    new CountingIds(),
    new GatewayMetrics(new Metrics({ processMetrics: false })),
    testLogger().logger,
    { ...batchLimits, ...limits },
  );
  const add = (id: string, bytes = 100, withinMs = 8000): Delivery => {
    const delivery: Delivery = {
      report: reportOf(id),
      bytes,
      answerBy: clock.monotonicMs() + withinMs,
      waiter: null,
      repeats: 0,
      done: false,
    };
    batcher.add(delivery);
    return delivery;
  };
  const sizes = () => asked.map(({ batch }) => batch.reports.length);
  const pass = (ms: number) => {
    clock.advance(ms);
    batcher.tick(clock.monotonicMs());
  };
  return { batcher, clock, asked, told, add, sizes, pass };
}

function reportOf(id: string): Report {
  const at = '2026-11-22T10:00:00.000Z';
  return {
    id: id as ReportId,
    type: 'meter.sampled',
    schema: 1,
    tenant: 'default' as TenantId,
    station: 's1' as StationId,
    occurredAt: at,
    receivedAt: at,
    source: { version: '1.6', transport: 'ws', action: 'MeterValues', messageId: id, gateway, epoch: 1, seq: 1 },
    data: { readings: [] },
  };
}

const empty: Receipt = { answer: {} };

describe('ReportBatcher', () => {
  // What comes in one turn of the loop travels together, at once.
  it('gathers one turn', async () => {
    const { asked, add, sizes, told, batcher } = setUp();
    for (const id of ['a', 'b', 'c']) add(id);
    await waitUntil('it is sent', () => asked.length === 1);
    expect(sizes()).toEqual([3]);
    asked[0]?.answer([empty, { refused: 'SecurityError' }, empty]);
    await waitUntil('all are told', () => batcher.outstanding === 0);
    expect(told).toEqual(['a {"answer":{}}', 'b {"refused":"SecurityError"}', 'c {"answer":{}}']);
  });

  // Full by number and full by bytes; one that is larger than a batch travels alone.
  it('keeps to its limits', async () => {
    const { asked, add, sizes } = setUp({ reportsMax: 10, bytesMax: 1000, inFlightMax: 8 });
    for (let n = 0; n < 25; n += 1) add(`n${n}`, 1);
    await waitUntil('three are sent', () => asked.length === 3);
    expect(sizes()).toEqual([10, 10, 5]);
    for (const bytes of [400, 400, 400, 5000, 400]) add('b', bytes);
    await waitUntil('all are sent', () => sizes().reduce((sum, size) => sum + size, 0) === 30);
    expect(sizes().slice(3)).toEqual([2, 1, 1, 1]);
  });

  // While as many batches as may are on their way the next one collects.
  it('collects while batches are on their way', async () => {
    const { asked, add, sizes } = setUp({ inFlightMax: 2 });
    add('a');
    await waitUntil('the first is sent', () => asked.length === 1);
    add('b');
    await waitUntil('the second is sent', () => asked.length === 2);
    for (let n = 0; n < 50; n += 1) add(`n${n}`);
    await new Promise((resolve) => setImmediate(resolve));
    expect(sizes()).toEqual([1, 1]);
    asked[0]?.answer([empty]);
    await waitUntil('the third is sent', () => asked.length === 3);
    expect(sizes()).toEqual([1, 1, 50]);
  });

  // No reply: the very same reports again, but for those that nobody waits for any more.
  it('sends again', async () => {
    const { asked, add, pass, told } = setUp();
    add('old', 100, 1000);
    add('new', 100, 8000);
    await waitUntil('it is sent', () => asked.length === 1);
    pass(2000);
    expect(told).toEqual(['old expired']);
    asked[0]?.fail(new BusError('timeout', 'no answer'));
    await waitUntil('it is sent again', () => asked.length === 2);
    expect(asked[1]?.batch.reports.map((report) => report.id)).toEqual(['new']);
    asked[1]?.answer([empty]);
    await waitUntil('it is told', () => told.length === 2);
    expect(told).toEqual(['old expired', 'new {"answer":{}}']);
  });

  // A receipt for what was given up is told to nobody.
  it('drops a late receipt', async () => {
    const { asked, add, pass, told, batcher } = setUp();
    add('a', 100, 1000);
    await waitUntil('it is sent', () => asked.length === 1);
    pass(1001);
    expect([told, batcher.outstanding]).toEqual([['a expired'], 0]);
    asked[0]?.answer([empty]);
    await new Promise((resolve) => setImmediate(resolve));
    expect(told).toEqual(['a expired']);
  });

  // "again" comes back later and later, and in the end runs out of time.
  it('puts off', async () => {
    const { asked, add, pass, told } = setUp();
    add('a');
    await waitUntil('it is sent', () => asked.length === 1);
    asked[0]?.answer([{ again: 'busy' }]);
    await new Promise((resolve) => setImmediate(resolve));
    pass(50);
    await new Promise((resolve) => setImmediate(resolve));
    expect(asked.length).toBe(1);
    pass(50);
    await waitUntil('it is sent again', () => asked.length === 2);
    asked[1]?.answer([{ again: 'busy' }]);
    await new Promise((resolve) => setImmediate(resolve));
    pass(8000);
    expect(told).toEqual(['a expired']);
  });

  // Nothing but "again" is no sign of life of the commit path.
  it('does not take putting off for a commit', async () => {
    const { asked, add, clock, told } = setUp();
    const commitPath = new CommitPath(clock, 1000, { away: () => told.push('away'), back: () => told.push('back') });
    commitPath.check(1);
    add('a');
    await waitUntil('it is sent', () => asked.length === 1);
    clock.advance(1000);
    commitPath.check(1);
    asked[0]?.answer([{ again: 'busy' }]);
    await new Promise((resolve) => setImmediate(resolve));
    expect(told).toEqual(['away']);
  });

  // A server that takes less than expected: smaller batches; a report too large by itself is given up at once.
  it('splits what is too large', async () => {
    const { asked, add, pass, told } = setUp({ bytesMax: 64 * 1024 });
    add('a', 30_000);
    add('b', 30_000);
    await waitUntil('it is sent', () => asked.length === 1);
    asked[0]?.fail(new BusError('too-large', 'too large'));
    await new Promise((resolve) => setImmediate(resolve));
    pass(1);
    await waitUntil('both are sent', () => asked.length === 3);
    expect(asked.slice(1).map(({ batch }) => batch.reports.map((report) => report.id))).toEqual([['a'], ['b']]);
    asked[1]?.fail(new BusError('too-large', 'too large'));
    asked[2]?.answer([empty]);
    await waitUntil('both are told', () => told.length === 2);
    expect(told.sort()).toEqual(['a expired', 'b {"answer":{}}']);
  });
});
