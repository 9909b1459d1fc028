import type { Clock } from '@busbar/domain';
import type { Logger } from '@busbar/observability';
import { type Database, deleteExpiredKeys } from '@busbar/persistence';
import { keepPartitions } from './partitions.js';
import { Periodic } from './periodic.js';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;
const schema = 'transactions';

/** What the service does beside answering. */
export function backgroundOf(parts: {
  database: Database;
  clock: Clock;
  logger: Logger;
  settings: { partitionMonthsAhead: number };
}): Periodic[] {
  const { database, clock, logger } = parts;
  const monthsAhead = parts.settings.partitionMonthsAhead;
  return [
    new Periodic({
      name: 'partitions',
      everyMs: dayMs,
      retryMs: minuteMs,
      run: () => keepPartitions(database, { monthsAhead, clock, logger }),
      logger,
    }),
    new Periodic({
      name: 'idempotency keys',
      everyMs: hourMs,
      retryMs: minuteMs,
      run: async () => {
        await deleteExpiredKeys(database, { schema });
      },
      logger,
    }),
  ];
}
