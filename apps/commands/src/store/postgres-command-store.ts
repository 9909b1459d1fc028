import type { CommandId, IdSource, StationId, TenantId } from '@busbar/domain';
import { type Fact, idOfCursor, type Page, type PageRequest, ProblemError, pageOf } from '@busbar/events';
import { recordFacts } from '@busbar/outbox';
import { type Database, DatabaseError, once, readAsTenant, type Sql, sql, type Transaction } from '@busbar/persistence';
import type { Command } from '../domain/command.js';
import type { Along, Asked, CommandFilter, CommandStore, Insertion, Saving } from '../domain/command-store.js';
import { type ExpectationKind, expectedBy } from '../domain/expectation.js';
import { type CallRow, type CommandRow, commandOf } from './rows.js';
import { insertDirect, insertEnded, insertQueued, saved, selectCommands } from './statements.js';

export const schema = 'commands';

type Queryable = Pick<Transaction, 'query'>;

/** Commands in Postgres. `queueMax` is how many may wait for one station. */
export class PostgresCommandStore implements CommandStore {
  constructor(
    private readonly database: Database,
    private readonly ids: IdSource,
    private readonly queueMax: number,
  ) {}

  async insert(
    forms: { direct: Command | null; queued: Command },
    facts: readonly Fact[],
    asked: Asked,
  ): Promise<Insertion> {
    // One statement is a transaction of its own: no BEGIN and COMMIT where nothing goes along.
    if (asked.context.idempotency === undefined && facts.length === 0) {
      return { inserted: await this.#insert(this.database, forms) };
    }
    return this.database.transaction(async (tx) => {
      let inserted: Command | undefined;
      const { id } = await once(tx, { schema, ...asked }, async () => {
        inserted = await this.#insert(tx, forms);
        await record(tx, facts);
        return { id: inserted.id };
      });
      return inserted === undefined ? { known: id } : { inserted };
    });
  }

  async #insert(to: Queryable, { direct, queued }: { direct: Command | null; queued: Command }): Promise<Command> {
    if (direct !== null && (await to.query(insertDirect(direct))).length > 0) return { ...direct, revision: 1 };
    const statement = queued.state === 'ended' ? insertEnded(queued) : insertQueued(queued, this.queueMax);
    if ((await to.query(statement)).length > 0) return { ...queued, revision: 1 };
    throw new ProblemError({
      status: 429,
      code: 'station-queue-full',
      detail: `${this.queueMax} commands wait for this station already.`,
      retryAfterSeconds: 30,
    });
  }

  async save(before: Command, after: Command, along: Along): Promise<Saving> {
    const { facts, variables } = along;
    const learned = variables === null ? [] : [{ id: this.ids.next<'report'>(), report: variables }];
    try {
      const rows = await this.database.query(saved(before, after, { facts, learned }));
      return rows.length > 0 ? 'saved' : 'stale';
    } catch (error) {
      if (isSlotTaken(error)) return 'slot-taken';
      throw error;
    }
  }

  async read(ids: readonly CommandId[]): Promise<Command[]> {
    return this.#select(this.database, sql.named('commands_read')`${selectCommands} where c.id = any(${ids})`);
  }

  async find(tenant: TenantId, id: string): Promise<Command | null> {
    const statement = sql`${selectCommands} where c.id = ${id}`;
    const found = await readAsTenant(this.database, schema, tenant, (tx) => this.#select(tx, statement));
    return found[0] ?? null;
  }

  async list(tenant: TenantId, filter: CommandFilter, page: PageRequest): Promise<Page<Command>> {
    const before = idOfCursor(page.cursor);
    const statement = sql`${selectCommands} where c.tenant_id = ${tenant}
      ${before === null ? sql.empty : sql`and c.id < ${before}`}
      ${filter.station === undefined ? sql.empty : sql`and c.identity = ${filter.station}`}
      ${filter.type === undefined ? sql.empty : sql`and c.type = ${filter.type}`}
      ${filter.state === undefined ? sql.empty : sql`and c.state = ${filter.state}`}
      order by c.id desc limit ${page.limit + 1}`;
    const rows = await readAsTenant(this.database, schema, tenant, (tx) => this.#select(tx, statement));
    return pageOf(rows, page.limit, (command) => command.id, asIs);
  }

  async next(station: StationId): Promise<Command | null> {
    const statement = sql.named('commands_next')`${selectCommands}
      where c.station = ${station} and c.state = 'queued' and not exists (
        select from commands.command f where f.station = ${station} and f.state in ('sending', 'sent'))
      order by c.priority, c.created_at, c.id limit 1`;
    return (await this.#select(this.database, statement))[0] ?? null;
  }

  async queued(station: StationId, max: number): Promise<Command[]> {
    const statement = sql`${selectCommands} where c.station = ${station} and c.state = 'queued'
      order by c.priority, c.created_at, c.id limit ${max}`;
    return this.#select(this.database, statement);
  }

  async expecting(station: StationId, kind: ExpectationKind, at: Date): Promise<Command[]> {
    const statement = sql.named('commands_expecting')`${selectCommands}
      where c.station = ${station} and c.type = ${expectedBy[kind]} and c.expectation is not null
        and c.effect_kind is null and c.created_at <= ${at} and c.expect_until >= ${at}
      order by c.created_at desc, c.id desc limit 50`;
    return this.#select(this.database, statement);
  }

  async withEffect(station: StationId, kind: ExpectationKind, ref: string): Promise<Command[]> {
    const statement = sql.named('commands_with_effect')`${selectCommands}
      where c.effect_ref = ${ref} and c.effect_kind = ${kind} and c.station = ${station} limit 10`;
    return this.#select(this.database, statement);
  }

  async #select(from: Queryable, statement: Sql): Promise<Command[]> {
    return (await from.query<CommandRow & { calls: CallRow[] }>(statement)).map(commandOf);
  }
}

function asIs(command: Command): Command {
  return command;
}

async function record(tx: Transaction, facts: readonly Fact[]): Promise<void> {
  if (facts.length > 0) await recordFacts(tx, schema, [...facts]);
}

function isSlotTaken(error: unknown): boolean {
  return error instanceof DatabaseError && error.code === 'conflict' && error.constraint === 'command_in_flight';
}
