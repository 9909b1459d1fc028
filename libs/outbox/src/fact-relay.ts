import { setTimeout as delay } from 'node:timers/promises';
import type { Subjects } from '@busbar/events';
import type { StreamPublisher } from '@busbar/messaging';
import type { Counter, Logger, Metrics } from '@busbar/observability';
import { type DirectConnection, openDirectConnection, type Sql, sql } from '@busbar/persistence';
import { type OutboxRow, publishBatch } from './relay-batch.js';
import { ShardBackOff } from './shard-back-off.js';
import { ShardLocks } from './shard-locks.js';

export interface FactRelayOptions {
  /** Straight to Postgres: behind a pooler that shares sessions, locks would have no owner. */
  url: string;
  schema: string;
  publisher: Pick<StreamPublisher, 'publish'>;
  subjects: Subjects;
  logger: Logger;
  metrics: Metrics;
}

const rowsPerShard = 32;
const statementTimeoutMs = 5_000;
/** A relay that stands still for this long loses its shards to the others. It normally asks twenty times a second. */
const idleTimeoutMs = 10_000;
/**
 * Between two looks at an empty outbox: one statement that touches an index. NOTIFY would be quicker, but every
 * transaction that notifies takes one lock of the whole server for its commit, and those are our billing commits.
 */
const idleMs = 50;
const balanceMs = 500;
const reconnectMsMin = 100;
const reconnectMsMax = 2_000;

/**
 * Publishes a schema's facts: at least once, under their own ids, in order per station. Every replica of a service
 * runs one; they share the 16 shards evenly, and when one dies the others take its shards over within about a second.
 * A shard whose fact can't be published stops until it can. Lives through restarts of Postgres and NATS.
 */
export class FactRelay {
  readonly #options: FactRelayOptions;
  readonly #table: Sql;
  readonly #stopping = new AbortController();
  readonly #backOff = new ShardBackOff();
  readonly #published: Counter;
  #held: ReadonlySet<number> = new Set();
  #oldestAt: number | undefined;
  #done: Promise<void> | undefined;

  constructor(options: FactRelayOptions) {
    this.#options = options;
    this.#table = sql.identifier(`${options.schema}.outbox`);
    this.#published = options.metrics.counter({
      name: 'busbar_outbox_facts_published_total',
      help: 'Facts that the stream has acknowledged.',
    });
    options.metrics.gauge({
      name: 'busbar_outbox_oldest_fact_seconds',
      help: 'Age of the oldest fact of the held shards that is not published yet; 0 when there is none.',
      read: () => (this.#oldestAt === undefined ? 0 : (Date.now() - this.#oldestAt) / 1_000),
    });
    options.metrics.gauge({
      name: 'busbar_outbox_shards_held',
      help: 'Shards of the outbox that this process relays, of 16.',
      read: () => this.#held.size,
    });
  }

  /** The shards that this relay holds now. */
  get shards(): ReadonlySet<number> {
    return this.#held;
  }

  /** Begins to relay. Never fails: what is away is tried again until it is back. */
  start(): void {
    this.#done ??= this.#run();
  }

  /** Finishes the batch on its way and gives the shards back. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#done;
  }

  async #run(): Promise<void> {
    let waitMs = reconnectMsMin;
    while (!this.#stopping.signal.aborted) {
      try {
        await this.#relayUntilLost(() => {
          waitMs = reconnectMsMin;
        });
      } catch (error) {
        this.#options.logger.warn({ err: error, waitMs }, 'the relay of facts lost Postgres');
        await this.#pause(waitMs * (0.5 + Math.random() / 2));
        waitMs = Math.min(waitMs * 2, reconnectMsMax);
      }
    }
  }

  async #relayUntilLost(connected: () => void): Promise<void> {
    const connection = await openDirectConnection({
      url: this.#options.url,
      applicationName: `busbar-relay-${this.#options.schema}`,
      statementTimeoutMs,
      idleTimeoutMs,
    });
    try {
      const locks = new ShardLocks(connection, this.#options.schema);
      await locks.join();
      this.#held = locks.held;
      connected();
      let balanceAt = 0;
      while (!this.#stopping.signal.aborted) {
        if (performance.now() >= balanceAt) {
          await locks.balance();
          this.#backOff.keep(locks.held);
          balanceAt = performance.now() + balanceMs;
        }
        if ((await this.#relayBatch(connection)) === 0) await this.#pause(idleMs);
      }
    } finally {
      this.#held = new Set();
      await connection.close();
    }
  }

  /** Publishes and deletes what is next in every held shard; returns how many facts that were. */
  async #relayBatch(connection: DirectConnection): Promise<number> {
    const shards = this.#backOff.ready([...this.#held]);
    if (shards.length === 0) return 0;
    const rows = await connection.query<OutboxRow & { recorded_at: Date }>(sql.named('next_facts')`
      select next.shard, next.position::text as position, next.fact, next.recorded_at
        from unnest(${shards}::smallint[]) as wanted (shard)
       cross join lateral (
         select shard, position, fact, recorded_at from ${this.#table}
          where shard = wanted.shard order by position limit ${rowsPerShard}) as next
       order by next.position`);
    this.#oldestAt = rows[0]?.recorded_at.getTime();
    if (rows.length === 0) return 0;
    const { published, failures } = await publishBatch(rows, this.#options.publisher, this.#options.subjects);
    this.#note(shards, failures);
    if (published.length === 0) return 0;
    await connection.execute(sql.named('published_facts')`
      delete from ${this.#table} as outbox
       using unnest(${published.map(({ shard }) => shard)}::smallint[],
                    ${published.map(({ position }) => position)}::bigint[]) as gone (shard, position)
       where outbox.shard = gone.shard and outbox.position = gone.position`);
    this.#published.inc(published.length);
    return published.length;
  }

  #note(shards: readonly number[], failures: ReadonlyMap<number, unknown>): void {
    const before = this.#backOff.failing;
    for (const shard of shards) {
      if (failures.has(shard)) this.#backOff.failed(shard);
      else this.#backOff.succeeded(shard);
    }
    const [failure] = failures.values();
    const now = this.#backOff.failing;
    if (now > before) this.#options.logger.warn({ err: failure, shards: now }, 'facts can not be published');
    if (now === 0 && before > 0) this.#options.logger.info('facts are published again');
  }

  async #pause(milliseconds: number): Promise<void> {
    // Stopping ends the pause early, which is the only way in which it can fail.
    await delay(milliseconds, undefined, { signal: this.#stopping.signal }).catch(() => undefined);
  }
}
