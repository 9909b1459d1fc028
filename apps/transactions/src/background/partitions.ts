import type { Clock } from '@busbar/domain';
import type { Logger } from '@busbar/observability';
import { type Database, emptyDefaultPartition, ensureMonthlyPartitions } from '@busbar/persistence';

const table = { schema: 'transactions', table: 'reading' };
/** Stations replay months of backlog; what is years old comes from a clock that is wrong. */
const monthsBack = 36;

/**
 * Keeps the partitions of the readings ahead of time, and moves whole months out of the default partition into
 * partitions of their own. Several replicas may do it at once.
 */
export async function keepPartitions(
  database: Database,
  { monthsAhead, clock, logger }: { monthsAhead: number; clock: Clock; logger: Logger },
): Promise<void> {
  const from = clock.now();
  const made = await ensureMonthlyPartitions(database, { ...table, monthsAhead, from });
  const moved = await emptyDefaultPartition(database, { ...table, monthsBack, monthsAhead, from });
  if (made.length + moved.length > 0) logger.info({ made: made.length, moved }, 'partitions of the readings were made');
}
