import { type Database, DatabaseError, type Sql, type Transaction, type TransactionOptions } from '@busbar/persistence';

/** A real database whose replies can be lost: the statement is done, and the asker is told that nobody knows. */
export class FaultyDatabase implements Database {
  /** Says of which statements the reply is lost; by its prepared name. */
  losesReply: (name: string) => boolean = () => false;

  constructor(private readonly real: Database) {}

  async query<R>(statement: Sql): Promise<R[]> {
    const rows = await this.real.query<R>(statement);
    if (this.losesReply(statement.name ?? '')) throw new DatabaseError('unavailable', 'the connection was lost');
    return rows;
  }

  execute(statement: Sql): Promise<number> {
    return this.real.execute(statement);
  }

  transaction<T>(work: (tx: Transaction) => Promise<T>, options?: TransactionOptions): Promise<T> {
    return this.real.transaction(work, options);
  }

  ping(): Promise<void> {
    return this.real.ping();
  }

  close(): Promise<void> {
    return this.real.close();
  }
}
