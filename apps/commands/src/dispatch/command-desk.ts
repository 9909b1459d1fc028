import type { CommandId, TenantId } from '@busbar/domain';
import { isId } from '@busbar/domain';
import { type AskContext, type Page, type PageRequest, ProblemError } from '@busbar/events';
import type { Command } from '../domain/command.js';
import type { CommandFilter, CommandStore } from '../domain/command-store.js';
import type { CallRequestBody, CommandRequest, NewCommands, Stored } from '../domain/new-commands.js';
import type { CommandChanges } from './command-changes.js';
import type { Dispatcher } from './dispatcher.js';
import type { StationQueues } from './station-queues.js';
import type { Waiters } from './waiters.js';

const waitSecondsMax = 60;

/** What callers can do with commands: make them, wait for their end, look at them, cancel them. */
export class CommandDesk {
  constructor(
    private readonly newCommands: NewCommands,
    private readonly store: CommandStore,
    private readonly changes: CommandChanges,
    private readonly dispatcher: Dispatcher,
    private readonly queues: StationQueues,
    private readonly waiters: Waiters,
  ) {}

  async create(request: CommandRequest, context: AskContext, waitSeconds: number | undefined): Promise<Command> {
    const waitingMs = waitMs(waitSeconds);
    return this.#begin(await this.newCommands.command(request, context), waitingMs);
  }

  async call(request: CallRequestBody, context: AskContext, waitSeconds: number | undefined): Promise<Command> {
    const waitingMs = waitMs(waitSeconds);
    return this.#begin(await this.newCommands.call(request, context), waitingMs);
  }

  async get(tenant: TenantId, id: string, waitSeconds: number | undefined): Promise<Command> {
    return this.waiters.during(id as CommandId, waitMs(waitSeconds), () => this.#known(tenant, id));
  }

  list(tenant: TenantId, filter: CommandFilter, page: PageRequest): Promise<Page<Command>> {
    return this.store.list(tenant, filter, page);
  }

  /** Only what is still queued can be called back: 409 `command-not-cancellable` for the rest. */
  async cancel(tenant: TenantId, id: string, now: Date): Promise<Command> {
    const known = await this.#known(tenant, id);
    let wasQueued = false;
    const after = await this.changes.applyTo(known, (command) => {
      wasQueued = command.state === 'queued';
      return [{ kind: 'withdrawn', at: now, detail: 'cancelled' }];
    });
    if (after !== null && wasQueued) return after;
    const detail = `The command is ${after?.state ?? known.state}; only a queued one can be cancelled.`;
    throw new ProblemError({ status: 409, code: 'command-not-cancellable', detail });
  }

  async #known(tenant: TenantId, id: string): Promise<Command> {
    const command = isId(id) ? await this.store.find(tenant, id) : null;
    if (command !== null) return command;
    throw new ProblemError({ status: 404, code: 'command-unknown', detail: 'There is no such command.' });
  }

  /** The caller waits before anything is sent, so that no answer is too quick for it. */
  async #begin(stored: Stored, waitingMs: number): Promise<Command> {
    const { command, isNew } = stored;
    return this.waiters.during(command.id, waitingMs, async () => {
      if (!isNew) return (await this.store.read([command.id]))[0] ?? command;
      if (command.state === 'sending') this.dispatcher.send(command);
      // A command that found nobody is not tried again at once.
      if (command.state === 'queued' && command.refusals === 0) this.queues.wake(command.station);
      return command;
    });
  }
}

function waitMs(waitSeconds: number | undefined): number {
  const seconds = waitSeconds ?? 0;
  if (Number.isFinite(seconds) && seconds >= 0 && seconds <= waitSecondsMax) return seconds * 1_000;
  throw new ProblemError({
    status: 422,
    code: 'body-invalid',
    detail: 'Some members are wrong.',
    errors: [{ pointer: '/waitSeconds', detail: `from 0 to ${waitSecondsMax}` }],
  });
}
