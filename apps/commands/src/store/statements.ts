import type { Id } from '@busbar/domain';
import type { Fact } from '@busbar/events';
import { shardOf } from '@busbar/outbox';
import { type Sql, sql } from '@busbar/persistence';
import type { Command } from '../domain/command.js';
import type { VariableReport } from '../domain/variable-report.js';
import { callRowOf, rowOf } from './rows.js';

/** Commands with their CALLs, both as one snapshot saw them; the conditions are the caller's to add, on `c`. */
export const selectCommands = sql`
  select c.*, coalesce((
    select jsonb_agg(to_jsonb(k) - 'command' - 'tenant_id' order by k.ordinal)
      from commands.call k where k.command = c.id), '[]') as calls
    from commands.command c`;

/** Rows come back only when it was stored: nothing in flight, nothing as urgent waiting. */
export function insertDirect(command: Command): Sql {
  return sql.named('command_insert_direct')`
    with inserted as (
      insert into commands.command
      select r.* from jsonb_populate_record(null::commands.command, ${json(stored(command))}::jsonb) r
       where not exists (
         select from commands.command q
          where q.station = r.station and q.state = 'queued' and q.priority <= r.priority)
      on conflict (station) where state in ('sending', 'sent') do nothing
      returning id)
    insert into commands.call
    select k.* from inserted, jsonb_populate_recordset(null::commands.call, ${callsOf(command)}::jsonb) k
    returning command`;
}

/** Rows come back only when the station's queue had room. */
export function insertQueued(command: Command, queueMax: number): Sql {
  return sql.named('command_insert_queued')`
    with inserted as (
      insert into commands.command
      select r.* from jsonb_populate_record(null::commands.command, ${json(stored(command))}::jsonb) r
       where (select count(*) from (
         select from commands.command q
          where q.station = r.station and q.state = 'queued' limit ${queueMax}::int) as waiting) < ${queueMax}::int
      returning id)
    insert into commands.call
    select k.* from inserted, jsonb_populate_recordset(null::commands.call, ${callsOf(command)}::jsonb) k
    returning command`;
}

/** A command that ends where it begins; it may have no CALL at all. */
export function insertEnded(command: Command): Sql {
  return sql.named('command_insert_ended')`
    with inserted as (
      insert into commands.command
      select r.* from jsonb_populate_record(null::commands.command, ${json(stored(command))}::jsonb) r
      returning id),
    calls as (
      insert into commands.call
      select k.* from inserted, jsonb_populate_recordset(null::commands.call, ${callsOf(command)}::jsonb) k)
    select id from inserted`;
}

/**
 * Rows come back only when the stored revision is still the one that was read. Fails when the slot is taken.
 *
 * One statement, because a caller waits for its commit: with BEGIN, COMMIT and a statement for each table it would
 * wait for four replies of Postgres instead of one. The facts are numbered while the command's row is locked, since
 * they are read through `changed`: what `recordFacts` promises about their order holds.
 */
export function saved(before: Command, after: Command, { facts, learned }: SavedAlong): Sql {
  const row = { ...rowOf(after), revision: before.revision + 1 };
  return sql.named('command_save')`
    with changed as (
      update commands.command c
         set state = r.state, outcome = r.outcome, detail = r.detail, ended_at = r.ended_at, send_by = r.send_by,
             not_before = r.not_before, refusals = r.refusals, gateway = r.gateway, epoch = r.epoch,
             claim = r.claim, settle_by = r.settle_by, timeline = r.timeline, expect_until = r.expect_until,
             effect_kind = r.effect_kind, effect_at = r.effect_at, effect_ref = r.effect_ref, revision = r.revision
        from jsonb_populate_record(null::commands.command, ${json(row)}::jsonb) r
       where c.id = r.id and c.revision = ${before.revision}
      returning c.id),
    calls as (
      insert into commands.call
      select k.* from changed, jsonb_populate_recordset(null::commands.call, ${changedCalls(before, after)}::jsonb) k
      on conflict (command, ordinal) do update
         set message_id = excluded.message_id, secret_request = excluded.secret_request, state = excluded.state,
             outcome = excluded.outcome, detail = excluded.detail, response = excluded.response,
             error = excluded.error, sent_at = excluded.sent_at, answered_at = excluded.answered_at),
    told as (
      insert into commands.outbox (shard, fact)
      select f.shard, f.fact::json
        from changed, unnest(${facts.map(shardOf)}::smallint[], ${facts.map(json)}::text[])
             with ordinality as f (shard, fact, at)
       order by f.at),
    learned as (
      insert into commands.variable_report (id, tenant_id, station, report, created_at, not_before)
      select l.* from changed, jsonb_to_recordset(${json(learned.map(reportRow))}::jsonb)
          as l (id text, tenant_id text, station text, report jsonb, created_at timestamptz, not_before timestamptz))
    select id from changed`;
}

/** What is committed together with a change. */
export interface SavedAlong {
  facts: readonly Fact[];
  /** None or one, with the id that it is stored under. */
  learned: readonly { id: Id<'report'>; report: VariableReport }[];
}

function reportRow({ id, report }: SavedAlong['learned'][number]) {
  const { tenant, station, at, variables, unknownKeys } = report;
  return { id, tenant_id: tenant, station, report: { variables, unknownKeys }, created_at: at, not_before: at };
}

/** What a new row is stored as; later ones follow by `saved`. */
function stored(command: Command) {
  return { ...rowOf(command), revision: 1 };
}

function callsOf(command: Command): string {
  return json(command.calls.map((call) => callRowOf(command, call)));
}

/** A CALL that did not change is the same object. */
function changedCalls(before: Command, after: Command): string {
  const changed = after.calls.filter((call) => call !== before.calls[call.ordinal]);
  return json(changed.map((call) => callRowOf(after, call)));
}

function json(value: unknown): string {
  return JSON.stringify(value);
}
