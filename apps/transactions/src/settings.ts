import { integer } from '@busbar/config';

/** The settings of this service beyond those that every service has. */
export const transactionSettings = {
  authorizationTimeoutMs: integer({
    env: 'BUSBAR_AUTHORIZATION_TIMEOUT_MS',
    default: 1_000,
    min: 100,
    max: 5_000,
    unit: 'ms',
    why: 'half of what a gateway waits for a receipt; then starts are accepted and flagged',
  }),
  readingRowsPerCommit: integer({
    env: 'BUSBAR_READING_ROWS_PER_COMMIT',
    default: 500,
    min: 1,
    max: 5_000,
    unit: 'readings',
    why: 'beyond a few hundred rows a commit gains little and everyone in it waits longer',
  }),
  readingCommitsAtOnce: integer({
    env: 'BUSBAR_READING_COMMITS_AT_ONCE',
    default: 2,
    min: 1,
    max: 32,
    unit: 'commits',
    why: 'one commit waits for the disk while the next one is prepared',
  }),
  readingRowsWaitingMax: integer({
    env: 'BUSBAR_READING_ROWS_WAITING_MAX',
    default: 20_000,
    min: 100,
    max: 1_000_000,
    unit: 'readings',
    why: 'a second or two of work; what would wait longer is sent back and comes again',
  }),
  sessionsAtOnce: integer({
    env: 'BUSBAR_SESSIONS_AT_ONCE',
    default: 6,
    min: 1,
    max: 64,
    unit: 'starts and stops',
    why: 'with the commits of readings they leave two of the ten connections of the pool for questions',
  }),
  partitionMonthsAhead: integer({
    env: 'BUSBAR_PARTITION_MONTHS_AHEAD',
    default: 18,
    min: 1,
    max: 60,
    unit: 'months',
    why: 'a service that nobody restarts and whose job fails has a year and a half before anybody notices',
  }),
} as const;
