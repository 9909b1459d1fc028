/**
 * Tables that every schema has, whoever owns it. Applied before the schema's own files and never edited after a
 * release: what changes comes as a further text beside this one.
 *
 * - `idempotency_key`: the answers that `once` gives again.
 * - `outbox`: facts on their way to the bus, first in first out per shard; `@busbar/outbox` writes and empties it.
 *   It is a queue, so nearly all of its rows are dead: vacuum must come early and often.
 */
export const tablesSql = `
create table idempotency_key (
  tenant text not null,
  caller text not null,
  key text not null check (length(key) <= 255),
  operation text not null,
  digest text not null,
  answer json,
  expires_at timestamptz not null,
  primary key (tenant, caller, key, operation)
);
create index idempotency_key_expires_at on idempotency_key (expires_at);

create table outbox (
  shard smallint not null,
  position bigint generated always as identity,
  fact json not null,
  recorded_at timestamptz not null default now(),
  primary key (shard, position)
) with (
  autovacuum_vacuum_scale_factor = 0.0,
  autovacuum_vacuum_threshold = 1000,
  autovacuum_vacuum_cost_delay = 0
);
`;
