import pg from 'pg';
import { notConnected } from './database-error.js';
import { Session } from './session.js';
import type { Sql } from './sql.js';
import { replyGraceMs } from './transaction.js';
import { typeParsers } from './types.js';

/** One connection that its owner keeps: for locks that a session holds. Statements run one at a time. */
export interface DirectConnection {
  query<R>(statement: Sql): Promise<R[]>;
  execute(statement: Sql): Promise<number>;
  /** Closes the connection, and with it gives back all locks. Never fails and never waits for a dead peer. */
  close(): Promise<void>;
}

export interface DirectConnectionOptions {
  /** Straight to Postgres: behind a pooler that shares sessions, locks would have no owner. */
  url: string;
  applicationName: string;
  statementTimeoutMs: number;
  /** Postgres ends the session when its owner has asked nothing for this long: a frozen process loses its locks. */
  idleTimeoutMs: number;
}

const connectTimeoutMs = 2_000;
const closeTimeoutMs = 2_000;

/**
 * Connects. Postgres notices a machine that vanished within about fifteen seconds; the caller notices a Postgres that
 * vanished by the time-out of a statement. Throws `DatabaseError`, as every statement does; after `unavailable` the
 * connection is of no use any more and must be closed.
 */
export async function openDirectConnection(options: DirectConnectionOptions): Promise<DirectConnection> {
  const connection = new pg.Client({
    connectionString: options.url,
    application_name: options.applicationName,
    connectionTimeoutMillis: connectTimeoutMs,
    statement_timeout: options.statementTimeoutMs,
    keepAlive: true,
    keepAliveInitialDelayMillis: 5_000,
    types: typeParsers,
  });
  const direct = new OwnedConnection(connection, options.statementTimeoutMs + replyGraceMs);
  try {
    await connection.connect();
    await direct.prepare(options.idleTimeoutMs);
    return direct;
  } catch (cause) {
    await direct.close();
    throw notConnected(cause);
  }
}

class OwnedConnection implements DirectConnection {
  readonly #session: Session;

  constructor(
    private readonly connection: pg.Client,
    private readonly deadlineMs: number,
  ) {
    // The session listens while it is whole; what the remains of a connection still have to say interests nobody.
    connection.on('error', () => undefined);
    this.#session = new Session(connection, (lost) => {
      if (lost) connection.connection.stream.destroy();
    });
  }

  async prepare(idleTimeoutMs: number): Promise<void> {
    const settings = [
      `idle_session_timeout = ${Math.ceil(idleTimeoutMs)}`,
      'tcp_keepalives_idle = 5',
      'tcp_keepalives_interval = 3',
      'tcp_keepalives_count = 3',
    ];
    await this.#session.control(settings.map((setting) => `SET ${setting}`).join('; '), this.deadlineMs);
  }

  async query<R>(statement: Sql): Promise<R[]> {
    const { rows } = await this.#session.run(statement, this.deadlineMs);
    return rows;
  }

  async execute(statement: Sql): Promise<number> {
    const { rowCount } = await this.#session.run(statement, this.deadlineMs);
    return rowCount ?? 0;
  }

  async close(): Promise<void> {
    const { stream } = this.connection.connection;
    const timer = setTimeout(() => stream.destroy(), closeTimeoutMs);
    // One that is lost already, or never was there, may refuse to be ended; it is gone either way.
    await this.connection.end().catch(() => undefined);
    clearTimeout(timer);
    this.#session.release();
  }
}
