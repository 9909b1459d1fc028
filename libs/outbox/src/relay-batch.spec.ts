import type { FactId, StationId, TenantId } from '@busbar/domain';
import { type Fact, subjects } from '@busbar/events';
import { describe, expect, it } from 'vitest';
import { type OutboxRow, publishBatch } from './relay-batch.js';
import { shardOf } from './shard.js';

const tenant = 'default' as TenantId;
// The first two share a shard, the third has another.
const [stationA, stationB, stationC] = ['a', 'q', 'b'] as [StationId, StationId, StationId];

function row(position: number, station: StationId | undefined): OutboxRow {
  const fact: Fact = {
    id: String(position) as FactId,
    type: 'token.changed',
    tenant,
    ...(station === undefined ? {} : { station }),
    at: '2026-01-01T00:00:00.000Z',
    data: {},
  };
  return { shard: shardOf(fact), position: String(position), fact };
}

/** Records the order of publishing; each message is acknowledged when the test says so. */
function publisher(refused: (id: string) => boolean = () => false) {
  const begun: string[] = [];
  return {
    begun,
    publish: async (subject: string, message: object, options?: { id?: string }) => {
      const id = options?.id ?? '';
      begun.push(id);
      await Promise.resolve();
      if (refused(id)) throw new Error(`refused ${subject} ${JSON.stringify(message).length}`);
    },
  };
}

const ids = (rows: readonly OutboxRow[]) => rows.map(({ position }) => position).sort();

describe('publishBatch', () => {
  it('has the shards that the cases need', () => {
    expect(shardOf({ tenant, station: stationA })).toBe(shardOf({ tenant, station: stationB }));
    expect(shardOf({ tenant, station: stationA })).not.toBe(shardOf({ tenant, station: stationC }));
  });

  // Stations do not wait for one another, a station's own facts do.
  it('publishes stations side by side and each in order', async () => {
    const target = publisher();
    const rows = [row(1, stationA), row(2, stationA), row(3, stationB), row(4, undefined)];
    const result = await publishBatch(rows, target, subjects('p'));
    expect(target.begun).toEqual(['1', '3', '4', '2']);
    expect(ids(result.published)).toEqual(['1', '2', '3', '4']);
    expect(result.failures.size).toBe(0);
  });

  // A later fact of the station must not leave before the one that failed, nor anything else of that shard.
  it('stops the shard of a failure and no other', async () => {
    const target = publisher((id) => id === '1');
    const rows = [
      row(1, stationA),
      row(2, stationA),
      row(3, stationB),
      row(4, stationB),
      row(5, stationC),
      row(6, stationC),
    ];
    const result = await publishBatch(rows, target, subjects('p'));
    expect(target.begun).toEqual(['1', '3', '5', '6']);
    expect(ids(result.published)).toEqual(['3', '5', '6']);
    expect([...result.failures.keys()]).toEqual([shardOf({ tenant, station: stationA })]);
  });
});
