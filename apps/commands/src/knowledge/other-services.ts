import type { IdSource } from '@busbar/domain';
import {
  type AskContext,
  ProblemError,
  type StationReference,
  stationOperations,
  transactionOperations,
} from '@busbar/events';
import type { Bus } from '@busbar/messaging';
import type { Command } from '../domain/command.js';
import type { WithdrawalReason } from '../domain/command-event.js';
import type { Knowledge, NamedTransaction } from '../domain/new-commands.js';
import { forbiddenBy } from '../domain/station-checks.js';
import { startsOrStops, versionOf } from '../protocol/protocol.js';

const askTimeoutMs = 3_000;

/** What stations and transactions know, asked over the bus. Throws `BusError` when they do not answer. */
export class OtherServices implements Knowledge {
  constructor(
    private readonly bus: Bus,
    private readonly ids: IdSource,
  ) {}

  async station(identity: string, context: AskContext): Promise<StationReference | null> {
    const request = { identities: [identity] };
    const { items } = await this.bus.ask(stationOperations.references, request, own(context), {
      timeoutMs: askTimeoutMs,
    });
    return items[0] ?? null;
  }

  async transaction(id: string, context: AskContext): Promise<NamedTransaction | null> {
    try {
      return await this.bus.ask(transactionOperations.reference, { id }, own(context), { timeoutMs: askTimeoutMs });
    } catch (error) {
      if (error instanceof ProblemError && error.problem.status === 404) return null;
      throw error;
    }
  }

  /**
   * Whether a command that has waited may still go out: its station may have been rejected, or speak another
   * version now than the one that its CALLs were made for.
   */
  async stillAllowed(command: Command): Promise<WithdrawalReason | null> {
    const context = { tenant: command.tenant, caller: 'commands', requestId: this.ids.next<'request'>() };
    const request = { stations: [command.station] };
    const { items } = await this.bus.ask(stationOperations.references, request, context, { timeoutMs: askTimeoutMs });
    const [station] = items;
    if (station === undefined) return 'station-deleted';
    const starts = command.type === 'Call' && command.calls.some((call) => startsOrStops(call.action));
    const forbidden = forbiddenBy(station.registration, command.type, starts);
    if (forbidden !== null) return forbidden;
    return versionOf(station.protocol) === command.version ? null : 'protocol-changed';
  }
}

/** The caller's idempotency key is for what it asked of us, not for what we ask of others. */
function own({ tenant, caller, requestId }: AskContext): AskContext {
  return { tenant, caller, requestId };
}
