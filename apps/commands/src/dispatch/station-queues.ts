import type { Owner } from '@busbar/directory';
import type { Clock, IdSource, StationId } from '@busbar/domain';
import type { Logger } from '@busbar/observability';
import { backOffMs } from '../domain/back-off.js';
import { type Call, type Command, nextCall } from '../domain/command.js';
import type { CommandEvent, WithdrawalReason } from '../domain/command-event.js';
import type { CommandStore } from '../domain/command-store.js';
import type { Unsent } from '../domain/new-commands.js';
import { settleBy } from '../domain/timing.js';
import { transition } from '../domain/transition.js';
import type { CommandChanges } from './command-changes.js';
import type { Dispatcher } from './dispatcher.js';
import type { Owners } from './owners.js';

/** Whether a command that has waited may still go out, as things stand now; null when it may. */
export type StillAllowed = (command: Command) => Promise<WithdrawalReason | null>;

/** How long a command may have waited before it is checked again. */
const freshMs = 2_000;
const atOnceMax = 16;
const waitingMax = 10_000;
const unreachableMax = 200;

interface Wish {
  /** The connection that is known to be ready; otherwise the owner is looked up. */
  owner: Owner | null;
}

/**
 * Sends what is queued for a station, one command after another. Woken when a command ends, when one is queued and
 * when a station is ready; the sweep wakes what all of them missed. Per station one turn at a time in this replica;
 * between replicas the rows decide.
 */
export class StationQueues {
  readonly #waiting = new Map<StationId, Wish>();
  readonly #running = new Set<StationId>();
  #stopped = false;

  constructor(
    private readonly store: CommandStore,
    private readonly changes: CommandChanges,
    private readonly dispatcher: Dispatcher,
    private readonly owners: Owners,
    private readonly stillAllowed: StillAllowed,
    private readonly unsent: Unsent,
    private readonly clock: Clock,
    private readonly ids: IdSource,
    private readonly logger: Logger,
  ) {}

  /** Looks after the station's queue soon. Beyond the bound nothing is noted: the sweep comes to it. */
  wake(station: StationId, owner: Owner | null = null): void {
    if (this.#stopped) return;
    const noted = this.#waiting.get(station);
    if (noted === undefined && this.#waiting.size >= waitingMax) return;
    const newer = owner !== null && (noted?.owner == null || owner.epoch > noted.owner.epoch);
    this.#waiting.set(station, { owner: newer ? owner : (noted?.owner ?? null) });
    this.#pump();
  }

  /** Begins nothing any more; what is queued stays for other replicas. */
  stop(): void {
    this.#stopped = true;
    this.#waiting.clear();
  }

  #pump(): void {
    for (const [station, wish] of this.#waiting) {
      if (this.#running.size >= atOnceMax || this.dispatcher.full) return;
      if (this.#running.has(station)) continue;
      this.#waiting.delete(station);
      this.#running.add(station);
      void this.#turn(station, wish.owner)
        .catch((error: unknown) => {
          this.logger.warn({ err: error, station }, "a station's queue was left to the sweep");
        })
        .finally(() => {
          this.#running.delete(station);
          this.#pump();
        });
    }
  }

  async #turn(station: StationId, known: Owner | null): Promise<void> {
    for (;;) {
      const command = await this.store.next(station);
      const call = command === null ? undefined : nextCall(command);
      if (command === null || call === undefined) return;
      const now = this.clock.now();
      if (command.sendBy <= now) {
        await this.changes.applyTo(command, () => [{ kind: 'expired', at: now }]);
        continue;
      }
      // Asking all gateways again and again for a station that is away would cost too much; giving up does not.
      const thorough = command.whenOffline === 'fail' || isFresh(command, now);
      const owner = known ?? (await this.owners.find(station, { thorough }));
      if (owner === null) {
        await this.#unreachable(station);
        return;
      }
      if (!isFresh(command, now)) {
        const detail = await this.stillAllowed(command);
        if (detail !== null) {
          await this.changes.applyTo(command, () => [{ kind: 'withdrawn', at: now, detail }]);
          continue;
        }
      }
      await this.#send(command, owner, call);
      return;
    }
  }

  async #send(command: Command, owner: Owner, call: Call): Promise<void> {
    const at = this.clock.now();
    const claim = this.ids.next<'claim'>();
    const until = settleBy(command, call.timeoutMs, at);
    const event: CommandEvent = { kind: 'claimed', at, claim, ...owner, settleBy: until };
    try {
      const claimed = await this.changes.applyTo(command, () => [event]);
      // Only what this very claim made may be sent; any other in flight is another replica's.
      if (claimed?.state === 'sending' && claimed.claim === claim) this.dispatcher.send(claimed);
    } catch (error) {
      this.unsent.note(transition(command, event));
      throw error;
    }
  }

  /** Everything that is queued meets the same absence: it fails or waits, as its caller chose. */
  async #unreachable(station: StationId): Promise<void> {
    for (const command of await this.store.queued(station, unreachableMax)) {
      const at = this.clock.now();
      const notBefore = new Date(at.getTime() + backOffMs('owner', command.refusals));
      await this.changes.applyTo(command, () => [{ kind: 'unreachable', at, notBefore }]);
    }
  }
}

/** What has just been made was just checked, and its caller may be waiting. */
function isFresh(command: Command, now: Date): boolean {
  return now.getTime() - command.createdAt.getTime() < freshMs;
}
