import type { TenantId } from '@busbar/domain';
import { DatabaseError, isRefusal } from './database-error.js';
import type { Session } from './session.js';
import { type Sql, sql } from './sql.js';

/** What Postgres gets beyond its own time-out before we hang up: it normally ends a statement by itself. */
export const replyGraceMs = 2_000;
const rollbackDeadlineMs = 2_000;

/** Statements that stand or fall together. Calls made at the same moment run one after another. */
export interface Transaction {
  /** The statement's rows. */
  query<R>(statement: Sql): Promise<R[]>;
  /** Runs a statement for its effect; the number of rows that it wrote. */
  execute(statement: Sql): Promise<number>;
  /**
   * Has `step` run inside the transaction when the work has succeeded and only COMMIT is left, in the order of
   * registration. It may still fail the transaction.
   */
  beforeCommit(step: () => Promise<void>): void;
}

export interface TransactionOptions {
  /** Postgres ends a statement after this. */
  statementTimeoutMs?: number;
  /** How long COMMIT may take before its outcome counts as unknown. */
  commitTimeoutMs?: number;
  /** Whose rows a role that is held to one tenant sees, until the transaction ends. */
  tenant?: TenantId;
  /** The role to act as until the transaction ends; the login must be a member. See `readerRole`. */
  role?: string;
  readOnly?: boolean;
}

export interface TransactionLimits {
  statementTimeoutMs: number;
  commitTimeoutMs: number;
}

/**
 * Runs `work` between BEGIN and COMMIT. When this returns, the change is committed. When it throws, it is rolled
 * back, but for the code `commit-unknown`: COMMIT was sent and its reply did not come in time. Such a COMMIT is
 * abandoned by hanging up, never cancelled: a cancelled COMMIT that waits for a standby reports success without it.
 */
export async function runTransaction<T>(
  session: Session,
  work: (tx: Transaction) => Promise<T>,
  options: TransactionOptions,
  limits: TransactionLimits,
): Promise<T> {
  const statementTimeoutMs = options.statementTimeoutMs ?? limits.statementTimeoutMs;
  const tx = new OpenTransaction(session, statementTimeoutMs + replyGraceMs);
  try {
    await begin(session, options, statementTimeoutMs + replyGraceMs);
    const result = await work(tx);
    await tx.finish();
    await commit(session, options.commitTimeoutMs ?? limits.commitTimeoutMs);
    return result;
  } catch (error) {
    tx.close();
    await rollBack(session);
    throw error;
  }
}

async function begin(session: Session, options: TransactionOptions, deadlineMs: number): Promise<void> {
  try {
    await session.control(opening(options), deadlineMs);
    if (options.tenant === undefined) return;
    await session.run(sql.named('tenant')`select set_config('busbar.tenant', ${options.tenant}, true)`, deadlineMs);
  } catch (error) {
    // A role that is missing has a SQLSTATE of bad data, but no data has been seen yet.
    const isPoison = error instanceof DatabaseError && error.code === 'poison';
    throw isPoison ? new DatabaseError('failed', error.message, { cause: error.cause }) : error;
  }
}

function opening(options: TransactionOptions): string {
  const statements = [options.readOnly ? 'BEGIN READ ONLY' : 'BEGIN'];
  if (options.statementTimeoutMs !== undefined) {
    statements.push(`SET LOCAL statement_timeout = ${Math.ceil(options.statementTimeoutMs)}`);
  }
  if (options.role !== undefined) statements.push(`SET LOCAL ROLE ${sql.identifier(options.role).text}`);
  return statements.join('; ');
}

async function commit(session: Session, commitTimeoutMs: number): Promise<void> {
  if (session.lost) throw session.lost;
  if (session.status === 'I') throw new DatabaseError('failed', 'the work ended its transaction by itself');
  const tag = await sendCommit(session, commitTimeoutMs);
  // Postgres answers COMMIT in a failed transaction with a friendly ROLLBACK, which must never pass for success.
  if (tag !== 'COMMIT') throw new DatabaseError('failed', 'a statement failed and the work went on regardless');
}

async function sendCommit(session: Session, commitTimeoutMs: number): Promise<string> {
  try {
    // The time-out of statements does not reach into COMMIT: Postgres disarms it before the commit itself begins. So
    // nothing on the server cancels it, and our own timer hangs up instead.
    const { command } = await session.control('COMMIT', commitTimeoutMs);
    return command;
  } catch (cause) {
    if (cause instanceof DatabaseError && isRefusal(cause.cause)) throw cause;
    const unknown = new DatabaseError('commit-unknown', 'COMMIT was sent and its reply did not come', { cause });
    session.destroy(unknown);
    throw unknown;
  }
}

async function rollBack(session: Session): Promise<void> {
  if (session.lost) return;
  try {
    // Even where none seems open: the status may be out of date, and Postgres takes a needless ROLLBACK with a notice.
    await session.control('ROLLBACK', rollbackDeadlineMs);
  } catch (cause) {
    // Hanging up rolls back as well, and the caller is owed the error that led here rather than this one.
    session.destroy(new DatabaseError('unavailable', 'ROLLBACK failed', { cause }));
  }
}

class OpenTransaction implements Transaction {
  readonly #session: Session;
  readonly #deadlineMs: number;
  readonly #steps: (() => Promise<void>)[] = [];
  #last: Promise<unknown> = Promise.resolve();
  #open = true;

  constructor(session: Session, deadlineMs: number) {
    this.#session = session;
    this.#deadlineMs = deadlineMs;
  }

  async query<R>(statement: Sql): Promise<R[]> {
    const { rows } = await this.#run(statement);
    return rows;
  }

  async execute(statement: Sql): Promise<number> {
    const { rowCount } = await this.#run(statement);
    return rowCount ?? 0;
  }

  beforeCommit(step: () => Promise<void>): void {
    this.#assertOpen();
    this.#steps.push(step);
  }

  /** Steps may register further steps; those run too. */
  async finish(): Promise<void> {
    for (let step = this.#steps.shift(); step; step = this.#steps.shift()) await step();
    this.close();
    // A statement that the work did not wait for must not straddle COMMIT.
    await this.#last;
  }

  close(): void {
    this.#open = false;
  }

  #run(statement: Sql) {
    this.#assertOpen();
    const result = this.#last.then(() => this.#session.run(statement, this.#deadlineMs));
    this.#last = result.catch(() => undefined);
    return result;
  }

  #assertOpen(): void {
    if (!this.#open) throw new DatabaseError('failed', 'the transaction is over');
  }
}
