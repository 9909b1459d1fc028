import type { Fact } from '@busbar/events';
import { sql, type Transaction } from '@busbar/persistence';
import { OutboxError } from './outbox-error.js';
import { shardOf } from './shard.js';

/** Far below what any NATS server takes in one message. */
const factBytesMax = 256 * 1024;

interface Row {
  shard: number;
  fact: string;
}

const waiting = new WeakMap<Transaction, Map<string, Row[]>>();

/**
 * Records facts in the caller's transaction: they are relayed if and only if it commits. Facts of one transaction
 * keep the order of the calls. Throws `OutboxError` `fact-too-large` beyond 256 KiB of JSON.
 *
 * The rows are written as the last thing before COMMIT, and their position comes from a sequence at that moment. So
 * of two transactions that touched the same station's row, the one that had to wait for the other also gets the later
 * position: every lock of the work is held by then and until the commit. That makes the order of positions the order
 * of commits wherever there is an order at all, and a later fact is never visible before an earlier one. A relay that
 * deletes what it has published (it keeps no high-water mark that a late commit could slip under) then needs no lock
 * of its own on stations, and need not wait for the oldest running transaction, which one slow writer anywhere in the
 * database would hold back.
 */
export async function recordFacts(tx: Transaction, schema: string, facts: readonly Fact[]): Promise<void> {
  if (facts.length === 0) return;
  const rows = facts.map(rowOf);
  let schemas = waiting.get(tx);
  if (!schemas) {
    schemas = new Map();
    waiting.set(tx, schemas);
  }
  const known = schemas.get(schema);
  if (known) {
    known.push(...rows);
    return;
  }
  schemas.set(schema, rows);
  tx.beforeCommit(() => write(tx, schema));
}

function rowOf(fact: Fact): Row {
  const text = JSON.stringify(fact);
  const bytes = Buffer.byteLength(text);
  if (bytes > factBytesMax) throw new OutboxError(`fact ${fact.id} of ${bytes} bytes exceeds ${factBytesMax}`);
  return { shard: shardOf(fact), fact: text };
}

async function write(tx: Transaction, schema: string): Promise<void> {
  const rows = waiting.get(tx)?.get(schema) ?? [];
  // Taken out first: a later step of the same transaction may record more.
  waiting.get(tx)?.delete(schema);
  await tx.execute(sql.named('record_facts')`
    insert into ${sql.identifier(`${schema}.outbox`)} (shard, fact)
    select shard, fact::json
      from unnest(${rows.map(({ shard }) => shard)}::smallint[], ${rows.map(({ fact }) => fact)}::text[])
           with ordinality as recorded (shard, fact, at)
     order by at`);
}
