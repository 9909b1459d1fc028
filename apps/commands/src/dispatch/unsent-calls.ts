import type { Clock, CommandId } from '@busbar/domain';
import type { Logger } from '@busbar/observability';
import { type Command, callInFlight } from '../domain/command.js';
import type { Unsent } from '../domain/new-commands.js';
import type { CommandChanges } from './command-changes.js';

interface Noted {
  command: CommandId;
  claim: string;
  messageId: string;
  sinceMs: number;
}

const notedMax = 1_000;
/** By then a COMMIT in doubt has long shown itself, and the sweep settles what is left. */
const keptMs = 60_000;

/**
 * CALLs that this replica took to send and then, because the database failed it, did not. Whether they stand there
 * as `sending` is in doubt; that they were not sent is certain. So they are put back as soon as the database can
 * be asked, instead of ending as `unknown`. The claim keeps it from touching what another replica took.
 */
export class UnsentCalls implements Unsent {
  readonly #noted = new Map<string, Noted>();

  constructor(
    private readonly changes: CommandChanges,
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {}

  note(command: Command): void {
    const call = callInFlight(command);
    if (call === undefined || command.claim === null || this.#noted.size >= notedMax) return;
    const { id, claim } = command;
    this.#noted.set(claim, { command: id, claim, messageId: call.messageId, sinceMs: this.clock.monotonicMs() });
  }

  /** Fails while the database does. */
  async run(): Promise<void> {
    for (const noted of [...this.#noted.values()]) {
      const { command, claim, messageId, sinceMs } = noted;
      const at = this.clock.now();
      const after = await this.changes.apply(command, (now) =>
        now.claim === claim ? [{ kind: 'returned', messageId, at, notBefore: at }] : [],
      );
      // One that does not show the claim may do so yet, while its COMMIT hangs.
      const settled = after?.claim === claim || after?.state === 'ended';
      if (settled) this.logger.info({ command }, 'a CALL that was not sent was put back');
      if (settled || this.clock.monotonicMs() - sinceMs > keptMs) this.#noted.delete(claim);
    }
  }
}
