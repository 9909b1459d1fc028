import { type DirectConnection, sql } from '@busbar/persistence';
import { hash32, shardCount } from './shard.js';

/**
 * Which shards this relay holds: session advisory locks of one direct connection, so that they end with it, however
 * it ends. All relays of a schema also share one lock that only counts them; each holds its fair share of the shards
 * and gives the rest back.
 */
export class ShardLocks {
  readonly held = new Set<number>();
  readonly #connection: DirectConnection;
  readonly #countingClass: number;
  readonly #shardClass: number;

  constructor(connection: DirectConnection, schema: string) {
    this.#connection = connection;
    this.#countingClass = hash32(`busbar.outbox.${schema}.relays`);
    this.#shardClass = hash32(`busbar.outbox.${schema}.shards`);
  }

  /** Counts this relay in. */
  async join(): Promise<void> {
    await this.#connection.query(sql`select pg_advisory_lock_shared(${this.#countingClass}::int, 0)`);
  }

  /** Gives back what is beyond the fair share, or takes free shards up to it. Call it between batches only. */
  async balance(): Promise<void> {
    const share = Math.ceil(shardCount / Math.max(1, await this.#countRelays()));
    for (const shard of [...this.held].slice(share)) {
      this.held.delete(shard);
      await this.#connection.query(sql`select pg_advisory_unlock(${this.#shardClass}::int, ${shard}::int)`);
    }
    // Starting anywhere keeps two newcomers from asking for the same shards one after the other.
    const start = Math.floor(Math.random() * shardCount);
    for (let step = 0; step < shardCount && this.held.size < share; step += 1) {
      const shard = (start + step) % shardCount;
      if (!this.held.has(shard) && (await this.#take(shard))) this.held.add(shard);
    }
  }

  async #take(shard: number): Promise<boolean> {
    const [row] = await this.#connection.query<{ taken: boolean }>(
      sql`select pg_try_advisory_lock(${this.#shardClass}::int, ${shard}::int) as taken`,
    );
    return row?.taken === true;
  }

  async #countRelays(): Promise<number> {
    const [row] = await this.#connection.query<{ relays: number }>(sql.named('count_relays')`
      select count(*) as relays from pg_locks
       where locktype = 'advisory' and mode = 'ShareLock' and granted and objsubid = 2
         and database = (select oid from pg_database where datname = current_database())
         and classid::bigint = ${this.#countingClass}::bigint and objid::bigint = 0`);
    return row?.relays ?? 0;
  }
}
