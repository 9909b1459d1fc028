import { type AskContext, ProblemError } from '@busbar/events';
import type { Database } from './database.js';
import { sql } from './sql.js';
import type { Transaction } from './transaction.js';

const keptHours = 24;

export interface OnceOptions {
  schema: string;
  /** Without an idempotency key in it, every call makes its own. */
  context: AskContext;
  /** The operation's name: one request may ask several things of a service, each answered for itself. */
  operation: string;
}

/**
 * Calls `make` the first time that a caller's idempotency key is seen and gives its answer again for 24 hours,
 * as part of the caller's transaction: the answer is kept if and only if what `make` wrote is kept. Of two calls
 * at the same moment the second waits for the first and gets its answer. The same key with another digest throws
 * a `ProblemError` 409 `idempotency-key-reused`. `make`'s answer must survive JSON unchanged.
 */
export async function once<A>(tx: Transaction, options: OnceOptions, make: () => Promise<A>): Promise<A> {
  const { context, operation } = options;
  if (!context.idempotency) return make();
  const { key, digest } = context.idempotency;
  const table = sql.identifier(`${options.schema}.idempotency_key`);
  const isKey = sql`tenant = ${context.tenant} and caller = ${context.caller} and key = ${key}`;

  // Waits here while another transaction holds the same key. An expired row is taken over as if it were new.
  const first = await tx.execute(sql`
    insert into ${table} as known (tenant, caller, key, operation, digest, expires_at)
    values (${context.tenant}, ${context.caller}, ${key}, ${operation}, ${digest}, now() + make_interval(hours => ${keptHours}))
    on conflict (tenant, caller, key, operation) do update
      set digest = excluded.digest, expires_at = excluded.expires_at, answer = null
      where known.expires_at <= now()`);

  // A statement of its own, since only a new snapshot shows what the transaction that was waited for has left.
  const known = await tx.query<{ operation: string; digest: string; answer: { value: A } | null }>(
    sql`select operation, digest, answer from ${table} where ${isKey} and expires_at > now()`,
  );
  if (known.some((row) => row.digest !== digest)) throw reused();
  if (first === 0) {
    const answer = known.find((row) => row.operation === operation)?.answer;
    if (answer) return answer.value;
    throw new Error(`idempotency key of ${operation} is kept without its answer`);
  }

  const value = await make();
  await tx.execute(
    sql`update ${table} set answer = ${JSON.stringify({ value })}::json where ${isKey} and operation = ${operation}`,
  );
  return value;
}

function reused(): ProblemError {
  return new ProblemError({
    status: 409,
    code: 'idempotency-key-reused',
    detail: 'this Idempotency-Key was used with another request in the last 24 hours',
  });
}

/** Deletes keys whose 24 hours are over, at most `rowsMax` at a time; returns how many went. For a background job. */
export async function deleteExpiredKeys(
  database: Database,
  { schema, rowsMax = 10_000 }: { schema: string; rowsMax?: number },
): Promise<number> {
  const table = sql.identifier(`${schema}.idempotency_key`);
  return database.execute(sql`delete from ${table} where ctid = any(array(
    select ctid from ${table} where expires_at <= now() limit ${rowsMax}))`);
}
