import type { Clock, CommandId } from '@busbar/domain';
import type { QueueStore } from '../domain/queue-store.js';
import type { CommandChanges } from './command-changes.js';
import type { Losses } from './losses.js';
import type { StationQueues } from './station-queues.js';

/** How many rows of each kind one sweep takes; what is left over comes half a second later. */
const batchMax = 200;
/** For how long what one replica took is put aside for it. */
const asideMs = 5_000;

/**
 * Enforces the deadlines and finds what nobody was woken for: queued commands whose time is over, CALLs without
 * any word, queued commands that are due.
 */
export class Sweep {
  constructor(
    private readonly queue: QueueStore,
    private readonly changes: CommandChanges,
    private readonly losses: Losses,
    private readonly queues: StationQueues,
    private readonly clock: Clock,
  ) {}

  async run(): Promise<void> {
    const now = this.clock.now();
    const aside = new Date(now.getTime() + asideMs);
    await this.#expire(await this.queue.expired(now, batchMax), now);
    const silent = await this.queue.takeSilent(now, aside, batchMax);
    // Still the CALL that was put aside: any other in flight settles at another time.
    await this.losses.giveUp(silent, 'timed-out', (command) => command.settleBy?.getTime() === aside.getTime());
    for (const station of await this.queue.takeDue(now, aside, batchMax)) this.queues.wake(station);
  }

  async #expire(ids: readonly CommandId[], now: Date): Promise<void> {
    for (const id of ids) {
      await this.changes.apply(id, (command) => (command.sendBy <= now ? [{ kind: 'expired', at: now }] : []));
    }
  }
}
