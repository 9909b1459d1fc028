import type { CommandId, CommandState, StationId, TenantId } from '@busbar/domain';
import type { AskContext, Fact, Page, PageRequest } from '@busbar/events';
import type { Command } from './command.js';
import type { ExpectationKind } from './expectation.js';
import type { VariableReport } from './variable-report.js';

/** What is committed together with a change of a command. */
export interface Along {
  facts: readonly Fact[];
  variables: VariableReport | null;
}

/** Who asks for a new command, and under which operation's name a repeat is known again. */
export interface Asked {
  context: AskContext;
  operation: string;
}

/** `known`: the caller's idempotency key made this command before. */
export type Insertion = { inserted: Command } | { known: CommandId };

/** `stale`: it was changed since it was read. `slot-taken`: another command of the station has a CALL in flight. */
export type Saving = 'saved' | 'stale' | 'slot-taken';

export interface CommandFilter {
  station?: string;
  type?: string;
  state?: CommandState;
}

/**
 * Where commands are kept. Everything may be called concurrently, by any number of replicas: a change is written
 * over the revision that it was made from or not at all, and of a station at most one command is ever in flight.
 * Errors: those of the database; `ProblemError` 409 for a reused idempotency key, 429 when a station's queue is full.
 */
export interface CommandStore {
  /**
   * Stores a new command: as `direct` when nothing of the station is in flight and nothing as urgent is queued,
   * otherwise as `queued`. When this returns it is committed.
   */
  insert(forms: { direct: Command | null; queued: Command }, facts: readonly Fact[], asked: Asked): Promise<Insertion>;

  /** Writes `after` over the revision of `before`, with everything that goes along, or nothing at all. */
  save(before: Command, after: Command, along: Along): Promise<Saving>;

  /** Those of the ids that are known, in no order. */
  read(ids: readonly CommandId[]): Promise<Command[]>;

  /** One tenant's command, as that tenant may see it. */
  find(tenant: TenantId, id: string): Promise<Command | null>;

  list(tenant: TenantId, filter: CommandFilter, page: PageRequest): Promise<Page<Command>>;

  /** The most urgent, then oldest queued command of the station; null when there is none, or one is in flight. */
  next(station: StationId): Promise<Command | null>;

  /** The station's queued commands, at most `max`. */
  queued(station: StationId, max: number): Promise<Command[]>;

  /**
   * Commands of the station that may have had such an effect at that instant and have none yet, the latest first.
   */
  expecting(station: StationId, kind: ExpectationKind, at: Date): Promise<Command[]>;

  /** Commands of the station whose effect is this very thing. */
  withEffect(station: StationId, kind: ExpectationKind, ref: string): Promise<Command[]>;
}
