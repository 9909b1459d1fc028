import type { CommandId } from '@busbar/domain';
import type { Bus, Subscription } from '@busbar/messaging';
import type { Logger } from '@busbar/observability';
import type { Command } from '../domain/command.js';
import type { CommandStore } from '../domain/command-store.js';

/** What is broadcast when a command has ended, or its outcome was replaced. */
interface ChangedMessage {
  command: CommandId;
}

/** With null: the time is over, whatever the command's state. */
type Wake = (command: Command | null) => void;

/**
 * Callers that wait for the end of a command, here or in another replica: woken at once by whoever commits the
 * end, never by polling. Bounded: a caller beyond `max` does not wait at all.
 */
export class Waiters {
  readonly #waiting = new Map<CommandId, Set<Wake>>();
  #count = 0;
  #stopped = false;
  #subscription: Subscription | undefined;

  constructor(
    private readonly bus: Bus,
    private readonly store: Pick<CommandStore, 'read'>,
    private readonly logger: Logger,
    private readonly max: number,
  ) {}

  get count(): number {
    return this.#count;
  }

  /** One subscription for all commands, so that none can end between a read and a subscription of its own. */
  start(): void {
    this.#subscription = this.bus.subscribe<ChangedMessage>(this.bus.subjects.commandChanged('*'), ({ command }) => {
      if (this.#waiting.has(command)) void this.#read(command);
    });
  }

  /** Lets everyone go with the command as it is; from now on nobody waits. */
  stop(): void {
    this.#stopped = true;
    this.#subscription?.stop();
    for (const waiting of this.#waiting.values()) for (const wake of waiting) wake(null);
  }

  /**
   * Calls `after` and gives the command as it is when it has ended or the time is over. Waiting begins before
   * `after` runs, so that an end meanwhile is not missed.
   */
  async during(id: CommandId, waitMs: number, after: () => Promise<Command>): Promise<Command> {
    if (waitMs <= 0 || this.#stopped || this.#count >= this.max) return after();
    let timer: NodeJS.Timeout | undefined;
    let wake: Wake = () => undefined;
    const over = new Promise<Command | null>((resolve) => {
      wake = resolve;
      timer = setTimeout(resolve, waitMs, null);
    });
    this.#add(id, wake);
    try {
      const now = await after();
      if (now.state === 'ended') return now;
      return (await over) ?? (await this.store.read([id]))[0] ?? now;
    } finally {
      clearTimeout(timer);
      this.#remove(id, wake);
    }
  }

  /** To be called when the end of a command was committed here. */
  ended(command: Command): void {
    this.#wake(command);
    try {
      this.bus.publish(this.bus.subjects.commandChanged(command.id), { command: command.id } satisfies ChangedMessage);
    } catch (error) {
      // Whoever waits in another replica then waits until its time is over, and reads the row.
      this.logger.debug({ err: error, command: command.id }, 'the end of a command was not broadcast');
    }
  }

  async #read(id: CommandId): Promise<void> {
    try {
      const [command] = await this.store.read([id]);
      if (command?.state === 'ended') this.#wake(command);
    } catch (error) {
      this.logger.warn({ err: error, command: id }, 'the end of a command could not be read; its waiters wait on');
    }
  }

  #wake(command: Command): void {
    for (const wake of this.#waiting.get(command.id) ?? []) wake(command);
  }

  #add(id: CommandId, wake: Wake): void {
    const waiting = this.#waiting.get(id) ?? new Set();
    this.#waiting.set(id, waiting.add(wake));
    this.#count += 1;
  }

  #remove(id: CommandId, wake: Wake): void {
    const waiting = this.#waiting.get(id);
    if (waiting?.delete(wake)) this.#count -= 1;
    if (waiting?.size === 0) this.#waiting.delete(id);
  }
}
