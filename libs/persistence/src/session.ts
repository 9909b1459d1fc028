import type pg from 'pg';
import { DatabaseError, databaseError } from './database-error.js';
import type { Sql } from './sql.js';

/**
 * One connection, for one caller. A connection that fails or stays silent past a deadline is destroyed, never used
 * again: its state is not known.
 */
export class Session {
  readonly #connection: pg.Client;
  readonly #giveBack: (lost: DatabaseError | undefined) => void;
  readonly #onError = (cause: Error) => {
    this.#lost ??= databaseError(cause);
  };
  #lost: DatabaseError | undefined;
  #released = false;

  /** `giveBack` is called once: without an argument when the connection is good, otherwise it must hang up. */
  constructor(connection: pg.Client, giveBack: (lost: DatabaseError | undefined) => void) {
    this.#connection = connection;
    this.#giveBack = giveBack;
    // The pool stops listening while a connection is out; without a listener its loss would end the process.
    connection.on('error', this.#onError);
  }

  /** Why the connection can't be used any more; undefined while it can. */
  get lost(): DatabaseError | undefined {
    return this.#lost;
  }

  /**
   * `I` when in no transaction, as Postgres said after the last statement that succeeded. A statement that fails is
   * told before Postgres says what became of its transaction, so `T` may be out of date.
   */
  get status(): string | null {
    return this.#connection.getTransactionStatus();
  }

  /** Runs one statement and gives Postgres' reply; hangs up when there is none after `deadlineMs`. */
  run(statement: Sql, deadlineMs: number): Promise<pg.QueryResult> {
    const values = [...statement.values];
    const { name, text } = statement;
    return this.#exchange(name === undefined ? { text, values } : { name, text, values }, deadlineMs);
  }

  /** Runs text of our own without parameters, several statements in one message if it holds several. */
  control(text: string, deadlineMs: number): Promise<pg.QueryResult> {
    return this.#exchange({ text }, deadlineMs);
  }

  /** Ends the connection at once, whatever runs on it. What runs goes on in Postgres and may still take effect. */
  destroy(reason: DatabaseError): void {
    this.#lost ??= reason;
    this.release();
  }

  /** Gives the connection back, or closes it when it failed. */
  release(): void {
    if (this.#released) return;
    this.#released = true;
    this.#giveBack(this.#lost);
    this.#connection.off('error', this.#onError);
  }

  async #exchange(statement: pg.QueryConfig, deadlineMs: number): Promise<pg.QueryResult> {
    if (this.#lost) throw this.#lost;
    let timer: NodeJS.Timeout | undefined;
    const silence = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        const error = new DatabaseError('unavailable', `no reply from Postgres in ${deadlineMs} ms`);
        reject(error);
        this.destroy(error);
      }, deadlineMs);
    });
    try {
      const reply = this.#connection.query(statement);
      // When the deadline wins, hanging up makes this fail as well, and nobody waits for it any more.
      reply.catch(() => undefined);
      return await Promise.race([reply, silence]);
    } catch (cause) {
      const error = databaseError(cause);
      if (error.code === 'unavailable') this.#lost ??= error;
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }
}
