import type { Clock, CommandId, IdSource } from '@busbar/domain';
import { type Command, callInFlight } from '../domain/command.js';
import type { CommandEvent, LossReason } from '../domain/command-event.js';
import type { CommandChanges } from './command-changes.js';

/**
 * Gives up CALLs in flight of which no word is to be expected any more. `when` is asked again on the row as it is
 * at the moment of the change, because the CALL that looked lost may have ended and another be in flight.
 */
export class Losses {
  constructor(
    private readonly changes: CommandChanges,
    private readonly clock: Clock,
    private readonly ids: IdSource,
  ) {}

  async giveUp(ids: readonly CommandId[], reason: LossReason, when: (command: Command) => boolean): Promise<void> {
    for (const id of ids) {
      await this.changes.apply(id, (command) => (when(command) ? this.#lost(command, reason) : []));
    }
  }

  #lost(command: Command, reason: LossReason): CommandEvent[] {
    const call = callInFlight(command);
    if (call === undefined) return [];
    const repeatAs = this.ids.next<'message'>();
    return [{ kind: 'lost', messageId: call.messageId, at: this.clock.now(), reason, repeatAs }];
  }
}
