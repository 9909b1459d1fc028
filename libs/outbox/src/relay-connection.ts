import pg from 'pg';

const connectTimeoutMs = 2_000;
const statementTimeoutMs = 5_000;
/** Past Postgres' own time-out: nothing came back at all, so the connection is given up. */
const silenceMs = 7_000;
/** A relay that stands still for this long loses its shards to the others. It normally asks twenty times a second. */
const idleTimeoutMs = 10_000;

/**
 * A direct connection for a relay: its locks live as long as it does. Postgres ends it when it is idle, and notices a
 * machine that vanished within about fifteen seconds.
 */
export async function openRelayConnection(url: string, schema: string): Promise<pg.Client> {
  const connection = new pg.Client({
    connectionString: url,
    application_name: `busbar-relay-${schema}`,
    connectionTimeoutMillis: connectTimeoutMs,
    statement_timeout: statementTimeoutMs,
    query_timeout: silenceMs,
    keepAlive: true,
    keepAliveInitialDelayMillis: 5_000,
  });
  // Whatever runs on a lost connection fails by itself; without a listener the loss would end the process.
  connection.on('error', () => undefined);
  try {
    await connection.connect();
    await connection.query(
      `set idle_session_timeout = ${idleTimeoutMs}; set tcp_keepalives_idle = 5;` +
        ' set tcp_keepalives_interval = 3; set tcp_keepalives_count = 3',
    );
    return connection;
  } catch (error) {
    await closeRelayConnection(connection);
    throw error;
  }
}

/** Closes the connection, and with it gives back all locks. Never fails and never waits for a dead peer. */
export async function closeRelayConnection(connection: pg.Client): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<void>((resolve) => {
    timer = setTimeout(() => {
      connection.connection.stream.destroy();
      resolve();
    }, connectTimeoutMs);
  });
  // A connection that is lost already may refuse to be ended; it is gone either way.
  await Promise.race([connection.end().catch(() => undefined), limit]);
  clearTimeout(timer);
}
