import type { Fact, Subjects } from '@busbar/events';
import type { StreamPublisher } from '@busbar/messaging';

/** A recorded fact on its way. */
export interface OutboxRow {
  shard: number;
  position: string;
  fact: Fact;
}

/** What became of a batch. */
export interface BatchResult {
  /** Acknowledged by the stream: to be deleted. */
  published: OutboxRow[];
  /** Shards that a failure stopped, and the failure. */
  failures: Map<number, unknown>;
}

/**
 * Publishes rows, given in the order of their positions. Facts of one station go one after the other, each after the
 * acknowledgement of the one before; different stations go at once. A failure stops its whole shard: what was not
 * begun is left for later.
 */
export async function publishBatch(
  rows: readonly OutboxRow[],
  publisher: Pick<StreamPublisher, 'publish'>,
  subjects: Subjects,
): Promise<BatchResult> {
  const lanes = new Map<string, OutboxRow[]>();
  for (const row of rows) {
    const lane = row.fact.station ?? row.fact.tenant;
    const known = lanes.get(lane);
    if (known) known.push(row);
    else lanes.set(lane, [row]);
  }
  const published: OutboxRow[] = [];
  const failures = new Map<number, unknown>();
  await Promise.all(
    [...lanes.values()].map(async (lane) => {
      for (const row of lane) {
        if (failures.has(row.shard)) return;
        const { fact } = row;
        try {
          await publisher.publish(subjects.fact(fact.tenant, fact.station, fact.type), fact, { id: fact.id });
          published.push(row);
        } catch (error) {
          failures.set(row.shard, error);
          return;
        }
      }
    }),
  );
  return { published, failures };
}
