import pg from 'pg';

/**
 * Why the database did not do what was asked.
 *
 * - `commit-unknown`: COMMIT was sent and no reply came; the change may or may not stand. Look before repeating.
 * - `unavailable`: nothing was committed because Postgres was away, shutting down, out of resources or read-only.
 * - `acquire-timeout`: no connection of the pool became free in time; nothing was sent.
 * - `timeout`: a statement or a lock took too long and was ended by Postgres; the transaction was rolled back.
 * - `serialization`: a deadlock or a serialization failure; running the transaction again is right.
 * - `conflict`: a unique key or an exclusion constraint.
 * - `poison`: the data itself can never be stored (SQLSTATE class 22, 23514, 54001).
 * - `failed`: everything else: a fault in our own statement or schema.
 */
export type DatabaseErrorCode =
  | 'commit-unknown'
  | 'unavailable'
  | 'acquire-timeout'
  | 'timeout'
  | 'serialization'
  | 'conflict'
  | 'poison'
  | 'failed';

const retryableCodes: ReadonlySet<DatabaseErrorCode> = new Set([
  'unavailable',
  'acquire-timeout',
  'timeout',
  'serialization',
]);

/** The one error of this library. `retryable` means that the same transaction may simply be run again. */
export class DatabaseError extends Error {
  readonly code: DatabaseErrorCode;
  readonly retryable: boolean;
  /** Postgres' five characters, when it was Postgres that refused. */
  readonly sqlState: string | undefined;
  /** The violated constraint's name, where Postgres names one. */
  readonly constraint: string | undefined;

  constructor(code: DatabaseErrorCode, message: string, options: { cause?: unknown; retryable?: boolean } = {}) {
    super(message, { cause: options.cause });
    this.name = 'DatabaseError';
    this.code = code;
    this.retryable = options.retryable ?? retryableCodes.has(code);
    const reply = options.cause instanceof pg.DatabaseError ? options.cause : undefined;
    this.sqlState = reply?.code;
    this.constraint = reply?.constraint;
  }
}

/** Whether Postgres itself refused and the session goes on: the transaction is certainly rolled back. */
export function isRefusal(cause: unknown): boolean {
  return cause instanceof pg.DatabaseError && cause.severity === 'ERROR';
}

/** Names a failure of a statement (never of a COMMIT, whose outcome only the transaction can judge). */
export function databaseError(cause: unknown): DatabaseError {
  if (cause instanceof DatabaseError) return cause;
  if (cause instanceof pg.DatabaseError && cause.code !== undefined) {
    return new DatabaseError(codeOf(cause.code, cause), `${cause.code}: ${cause.message}`, { cause });
  }
  const message = cause instanceof Error ? cause.message : String(cause);
  // A value that could not be sent or read is our own fault; the connection is well.
  if (cause instanceof TypeError || cause instanceof RangeError) return new DatabaseError('failed', message, { cause });
  return new DatabaseError('unavailable', `connection to Postgres: ${message}`, { cause });
}

/** The code for a SQLSTATE (PostgreSQL documentation, appendix A). */
function codeOf(sqlState: string, reply: pg.DatabaseError): DatabaseErrorCode {
  switch (sqlState) {
    case '23514':
      // Without a constraint's name it is the bounds of a partition, which was made while the row waited to go into the
      // default one: the next try finds its place.
      return reply.constraint === undefined ? 'serialization' : 'poison';
    case '54001':
      return 'poison';
    case '23505':
    case '23P01':
      return 'conflict';
    case '40001':
    case '40P01':
      return 'serialization';
    case '55P03':
    case '57014':
      return 'timeout';
    case '25006':
      // Connected to a standby: a fail-over is under way.
      return 'unavailable';
    case '0A000':
      // A prepared statement outlived a migration; a fresh connection prepares it anew.
      return reply.message.includes('cached plan') ? 'unavailable' : 'failed';
    case '57P04':
      return 'failed';
    default:
      return codeOfClass(sqlState.slice(0, 2));
  }
}

function codeOfClass(sqlClass: string): DatabaseErrorCode {
  switch (sqlClass) {
    case '22':
      return 'poison';
    case '08':
    case '53':
    case '57':
    case '58':
      return 'unavailable';
    default:
      return 'failed';
  }
}

/** A connection that could not be made: whatever Postgres said to it, it says nothing about anybody's data. */
export function notConnected(cause: unknown): DatabaseError {
  const message = cause instanceof Error ? cause.message : String(cause);
  return new DatabaseError('unavailable', `no connection to Postgres: ${message}`, { cause });
}
