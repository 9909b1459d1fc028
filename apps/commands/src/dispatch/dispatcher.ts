import { setTimeout as delay } from 'node:timers/promises';
import type { Owner } from '@busbar/directory';
import type { Clock } from '@busbar/domain';
import type { CallReply, CallRequest, NotWritten } from '@busbar/events';
import { type Bus, BusError } from '@busbar/messaging';
import type { Logger } from '@busbar/observability';
import { backOffMs } from '../domain/back-off.js';
import { type Call, type Command, callInFlight } from '../domain/command.js';
import type { CommandEvent } from '../domain/command-event.js';
import type { Unsent } from '../domain/new-commands.js';
import { replyWithinMs, settleBy, writeBy } from '../domain/timing.js';
import { verdictOf } from '../protocol/protocol.js';
import type { CommandChanges } from './command-changes.js';
import type { Owners } from './owners.js';

/** The pauses before a route that was refused is looked up again; after the last one the station counts as offline. */
const routePausesMs = [0, 100, 400];

/** What became of one request to a gateway. `unsure`: it may have been written; only reports will tell. */
type Sending = CallReply | { unsure: BusError } | { unsent: BusError };

/**
 * Sends the CALL of a command that is committed as `sending`, and commits what came of it. A CALL goes to one
 * gateway at a time; it goes to the next only when it certainly was not written.
 */
export class Dispatcher {
  #running = 0;

  constructor(
    private readonly bus: Bus,
    private readonly changes: CommandChanges,
    private readonly owners: Owners,
    private readonly unsent: Unsent,
    private readonly clock: Clock,
    private readonly logger: Logger,
    private readonly max: number,
  ) {}

  /** No further CALL may be begun here: as many as allowed are on their way. */
  get full(): boolean {
    return this.#running >= this.max;
  }

  get running(): number {
    return this.#running;
  }

  /** Sends in the background. Never throws: what fails is logged, and the sweeps settle what is left open. */
  send(command: Command): void {
    this.#running += 1;
    void this.#deliver(command)
      .catch((error: unknown) => {
        this.logger.warn({ err: error, command: command.id }, 'a CALL was left to its report');
      })
      .finally(() => {
        this.#running -= 1;
      });
  }

  async #deliver(sending: Command): Promise<void> {
    let command = sending;
    for (let pause = 0; ; pause += 1) {
      const call = callInFlight(command);
      if (command.state !== 'sending' || call === undefined) return;
      const reply = await this.#request(command, call);
      if ('unsure' in reply) {
        this.logger.warn({ err: reply.unsure, command: command.id }, 'a gateway did not reply; its report will tell');
        return;
      }
      if ('written' in reply && reply.written) {
        await this.#settle(command, call, reply);
        return;
      }
      const next = await this.#afterRefusal(command, call, reply, pause);
      if (next === null) return;
      command = next;
    }
  }

  /** The command on its next route; null when it has none now. That it was not sent so far is certain. */
  async #afterRefusal(
    command: Command,
    call: Call,
    reply: (CallReply & { written: false }) | { unsent: BusError },
    pause: number,
  ): Promise<Command | null> {
    try {
      if ('written' in reply && !isElsewhere(reply.reason)) {
        await this.#putBack(command, call, reply.reason);
        return null;
      }
      const reason = 'written' in reply ? reply.reason : reply.unsent.code;
      this.logger.debug({ command: command.id, gateway: command.gateway, reason }, 'a route was refused');
      const owner = await this.#nextOwner(command, pause);
      if (owner !== null) return await this.#reroute(command, call, owner);
      await this.#offline(command, call);
      return null;
    } catch (error) {
      this.unsent.note(command);
      throw error;
    }
  }

  async #request(command: Command, call: Call): Promise<Sending> {
    if (command.gateway === null || command.epoch === null) throw new Error('a CALL without a route was to be sent');
    const now = this.clock.now();
    const request: CallRequest = {
      command: command.id,
      tenant: command.tenant,
      station: command.station,
      epoch: command.epoch,
      messageId: call.messageId,
      version: command.version,
      action: call.action,
      payload: call.secretRequest ?? call.request,
      sendBy: writeBy(command, now).toISOString(),
      timeoutMs: call.timeoutMs,
    };
    try {
      const timeoutMs = replyWithinMs(command, call.timeoutMs, now);
      return await this.bus.request<CallReply>(this.bus.subjects.gatewayCall(command.gateway), request, { timeoutMs });
    } catch (error) {
      if (!(error instanceof BusError)) throw error;
      return error.maybeSent ? { unsure: error } : { unsent: error };
    }
  }

  async #settle(command: Command, call: Call, reply: CallReply & { written: true }): Promise<void> {
    const sentAt = new Date(reply.sentAt);
    const { messageId } = call;
    const at = new Date(reply.endedAt);
    const answered: CommandEvent = {
      kind: 'answered',
      messageId,
      sentAt,
      at,
      verdict: verdictOf(call.action, reply.ending),
    };
    await this.changes.applyTo(command, () => [{ kind: 'written', messageId, at: sentAt }, answered]);
  }

  /** The gateway has the station and can't send now. */
  async #putBack(command: Command, call: Call, reason: NotWritten): Promise<void> {
    const at = this.clock.now();
    const waitMs = backOffMs(reason === 'not-ready' ? 'ready' : 'slot', command.refusals);
    const notBefore = new Date(at.getTime() + waitMs);
    await this.changes.applyTo(command, () => [{ kind: 'returned', messageId: call.messageId, at, notBefore }]);
  }

  async #offline(command: Command, call: Call): Promise<void> {
    const at = this.clock.now();
    const notBefore = new Date(at.getTime() + backOffMs('owner', command.refusals));
    await this.changes.applyTo(command, () => [
      { kind: 'returned', messageId: call.messageId, at, notBefore },
      { kind: 'unreachable', at, notBefore },
    ]);
  }

  /** Another owner than the one that refused; null when there is none after a few looks, or no time left. */
  async #nextOwner(command: Command, pause: number): Promise<Owner | null> {
    const refused = { gateway: command.gateway, epoch: command.epoch };
    for (const waitMs of routePausesMs.slice(pause)) {
      if (waitMs > 0) await delay(waitMs);
      if (this.clock.now() >= command.sendBy) return null;
      const listed = await this.owners.find(command.station, { thorough: true });
      if (listed !== null && differs(listed, refused)) return listed;
      // The directory still names the one that refused: the gateways themselves know better.
      const held = listed === null ? null : await this.owners.ask(command.station);
      if (held !== null && differs(held, refused)) return held;
    }
    return null;
  }

  async #reroute(command: Command, call: Call, owner: Owner): Promise<Command | null> {
    const at = this.clock.now();
    const until = settleBy(command, call.timeoutMs, at);
    const { messageId } = call;
    const event: CommandEvent = { kind: 'rerouted', messageId, at, ...owner, settleBy: until };
    const rerouted = await this.changes.applyTo(command, () => [event]);
    // Only what this very change left in flight may be sent; anything else is another's, or over.
    return rerouted?.claim === command.claim && rerouted?.epoch === owner.epoch ? rerouted : null;
  }
}

/** The station is not, or not any more, where the CALL was sent to. */
function isElsewhere(reason: NotWritten): boolean {
  return reason === 'not-connected' || reason === 'stale-route' || reason === 'draining';
}

function differs(owner: Owner, refused: { gateway: string | null; epoch: number | null }): boolean {
  return owner.gateway !== refused.gateway || owner.epoch !== refused.epoch;
}
