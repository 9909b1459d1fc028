import type { Logger } from '@busbar/observability';
import pg from 'pg';
import { DatabaseError, notConnected } from './database-error.js';
import { Session } from './session.js';
import { type Sql, sql } from './sql.js';
import { replyGraceMs, runTransaction, type Transaction, type TransactionOptions } from './transaction.js';
import { typeParsers } from './types.js';

/** Postgres, seen through a bounded pool. Safe for any number of concurrent callers. */
export interface Database {
  /**
   * One statement in a transaction of its own. For reads, and for writes that may be repeated: when the connection
   * is lost the error is `unavailable`, and a write may or may not stand.
   */
  query<R>(statement: Sql): Promise<R[]>;
  /** Like `query`, for the effect; the number of rows written. */
  execute(statement: Sql): Promise<number>;
  /** Runs `work` between BEGIN and COMMIT; see `runTransaction` for what a returned and a thrown result promise. */
  transaction<T>(work: (tx: Transaction) => Promise<T>, options?: TransactionOptions): Promise<T>;
  /** Fails with a `DatabaseError` unless Postgres answers. */
  ping(): Promise<void>;
  /** Waits for what runs, at most five seconds, and closes all connections. */
  close(): Promise<void>;
}

export interface DatabaseOptions {
  url: string;
  /** Shown in `pg_stat_activity`. */
  applicationName: string;
  /** Connections at most. */
  poolMax: number;
  logger: Logger;
  /** Postgres ends any statement after this. Default 10,000. */
  statementTimeoutMs?: number;
  /** A COMMIT without reply counts as unknown after this. Default 5,000. */
  commitTimeoutMs?: number;
  /** How long a caller waits for a free connection. Default 2,000. */
  acquireTimeoutMs?: number;
  /** How many callers may wait for a connection at once. Default 1,000. */
  waitingMax?: number;
}

const closeTimeoutMs = 5_000;
const pingTimeoutMs = 2_000;
const idleTimeoutMs = 30_000;
/** A transaction whose owner hangs must not hold its locks for longer. */
const idleInTransactionTimeoutMs = 60_000;

/** Opens nothing yet: connections are made as they are needed, and made anew after Postgres was away. */
export function openDatabase(options: DatabaseOptions): Database {
  return new PooledDatabase(options);
}

class PooledDatabase implements Database {
  readonly #pool: pg.Pool;
  readonly #logger: Logger;
  readonly #limits: { statementTimeoutMs: number; commitTimeoutMs: number };
  readonly #waitingMax: number;

  constructor(options: DatabaseOptions) {
    const { statementTimeoutMs = 10_000, commitTimeoutMs = 5_000, acquireTimeoutMs = 2_000 } = options;
    this.#limits = { statementTimeoutMs, commitTimeoutMs };
    this.#waitingMax = options.waitingMax ?? 1_000;
    this.#logger = options.logger;
    this.#pool = new pg.Pool({
      connectionString: options.url,
      application_name: options.applicationName,
      max: options.poolMax,
      connectionTimeoutMillis: acquireTimeoutMs,
      idleTimeoutMillis: idleTimeoutMs,
      statement_timeout: statementTimeoutMs,
      idle_in_transaction_session_timeout: idleInTransactionTimeoutMs,
      keepAlive: true,
      keepAliveInitialDelayMillis: 5_000,
      types: typeParsers,
    });
    this.#pool.on('error', (error) => {
      this.#logger.warn({ err: error }, 'an idle connection to Postgres was lost');
    });
  }

  async query<R>(statement: Sql): Promise<R[]> {
    const { rows } = await this.#runAlone(statement, this.#limits.statementTimeoutMs + replyGraceMs);
    return rows;
  }

  async execute(statement: Sql): Promise<number> {
    const { rowCount } = await this.#runAlone(statement, this.#limits.statementTimeoutMs + replyGraceMs);
    return rowCount ?? 0;
  }

  async transaction<T>(work: (tx: Transaction) => Promise<T>, options: TransactionOptions = {}): Promise<T> {
    const session = await this.#acquire();
    try {
      return await runTransaction(session, work, options, this.#limits);
    } finally {
      session.release();
    }
  }

  async ping(): Promise<void> {
    await this.#runAlone(sql`select 1`, pingTimeoutMs);
  }

  async close(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const limit = new Promise<'late'>((resolve) => {
      timer = setTimeout(() => resolve('late'), closeTimeoutMs);
    });
    const ended = await Promise.race([this.#pool.end(), limit]);
    clearTimeout(timer);
    if (ended === 'late') this.#logger.warn({ afterMs: closeTimeoutMs }, 'connections to Postgres were left to end');
  }

  async #runAlone(statement: Sql, deadlineMs: number) {
    const session = await this.#acquire();
    try {
      return await session.run(statement, deadlineMs);
    } finally {
      session.release();
    }
  }

  async #acquire(): Promise<Session> {
    if (this.#pool.waitingCount >= this.#waitingMax) {
      throw new DatabaseError('acquire-timeout', `${this.#waitingMax} callers already wait for a connection`);
    }
    try {
      const connection = await this.#pool.connect();
      return new Session(connection, (lost) => connection.release(lost));
    } catch (cause) {
      if (cause instanceof Error && cause.message === 'timeout exceeded when trying to connect') {
        throw new DatabaseError('acquire-timeout', 'no connection became free in time', { cause });
      }
      throw notConnected(cause);
    }
  }
}
