import type { Clock, CommandId, IdSource } from '@busbar/domain';
import type { Command } from '../domain/command.js';
import type { CommandEvent } from '../domain/command-event.js';
import type { CommandStore } from '../domain/command-store.js';
import { factsOf } from '../domain/facts.js';
import { transition } from '../domain/transition.js';
import type { VariableReport } from '../domain/variable-report.js';

/** Told of each committed change, in the order of this replica's commits. Must not throw. */
export type ChangeListener = (before: Command, after: Command) => void;

/** How a version's answers tell of variables; see `learnedVariables`. */
export type Learn = (before: Command, after: Command, at: Date) => VariableReport | null;

/** How often a change is made anew because another was committed first. Each round, someone has got on. */
const roundsMax = 20;

/**
 * Applies events to commands: read, transition, write over the revision that was read, once more if another was
 * faster. Whatever goes along with a change (facts, what was learned) is committed with it.
 */
export class CommandChanges {
  readonly #listeners: ChangeListener[] = [];

  constructor(
    private readonly store: CommandStore,
    private readonly learn: Learn,
    private readonly clock: Clock,
    private readonly ids: IdSource,
  ) {}

  onChange(listener: ChangeListener): void {
    this.#listeners.push(listener);
  }

  /**
   * The command after the events; null when there is no such command, or its station's slot is another's. The
   * events may depend on the command, which may have changed since the caller saw it.
   */
  async apply(id: CommandId, events: (command: Command) => readonly CommandEvent[]): Promise<Command | null> {
    const [command] = await this.store.read([id]);
    return command === undefined ? null : this.applyTo(command, events);
  }

  /** Like `apply`, begun with the command as the caller has just seen it. */
  async applyTo(seen: Command, events: (command: Command) => readonly CommandEvent[]): Promise<Command | null> {
    let before: Command | undefined = seen;
    for (let round = 0; round < roundsMax && before !== undefined; round += 1) {
      const after = events(before).reduce(transition, before);
      if (after === before) return before;
      const saving = await this.#save(before, after);
      if (saving === 'slot-taken') return null;
      if (saving !== 'stale') return saving;
      [before] = await this.store.read([seen.id]);
    }
    if (before === undefined) return null;
    throw new Error(`command ${seen.id} changed ${roundsMax} times while an event was applied to it`);
  }

  async #save(before: Command, after: Command): Promise<Command | 'stale' | 'slot-taken'> {
    const now = this.clock.now();
    const facts = factsOf(before, after, this.ids, now);
    const saving = await this.store.save(before, after, { facts, variables: this.learn(before, after, now) });
    if (saving !== 'saved') return saving;
    const saved = { ...after, revision: before.revision + 1 };
    for (const listener of this.#listeners) listener(before, saved);
    return saved;
  }
}
