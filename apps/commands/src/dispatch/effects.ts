import { type ConnectorState, connectorStates, type IdSource, type TransactionId, timeOfId } from '@busbar/domain';
import { type AskContext, type Fact, ProblemError, transactionOperations } from '@busbar/events';
import type { Bus } from '@busbar/messaging';
import type { Logger } from '@busbar/observability';
import type { Command, Effect } from '../domain/command.js';
import type { CommandStore } from '../domain/command-store.js';
import { meets, type Observation } from '../domain/expectation.js';
import type { CommandChanges } from './command-changes.js';

const askTimeoutMs = 3_000;

interface Seen {
  observation: Observation;
  /** By which the same thing is known again: the transaction, otherwise the fact. */
  ref: string;
}

/**
 * Recognises in what other services recorded the effects of our commands. Facts come at least once and in any
 * order; a fact that was taken before changes nothing, and an effect that a crash left without its link gets it
 * when the fact comes again.
 */
export class Effects {
  constructor(
    private readonly store: CommandStore,
    private readonly changes: CommandChanges,
    private readonly bus: Bus,
    private readonly ids: IdSource,
    private readonly logger: Logger,
  ) {}

  async take(fact: Fact): Promise<void> {
    const { station } = fact;
    const seen = seenIn(fact);
    if (station === undefined || seen === null) return;
    const { kind } = seen.observation;
    // When it was recorded, by our own clock: a station's clock may be anything.
    const at = timeOfId(fact.id);
    const candidates = await this.store.expecting(station, kind, at);
    const matching = candidates.filter(
      ({ expectation }) => expectation !== null && meets(expectation, seen.observation),
    );
    const linked = kind === 'transaction.started';
    // Most facts are nobody's effect, and only a start has something left to do when it comes again.
    if (matching.length === 0 && !linked) return;
    const [known] = await this.store.withEffect(station, kind, seen.ref);
    const command = known ?? (await this.#attribute(matching, { kind, at, ref: seen.ref }));
    if (command !== null && linked) await this.#link(command, seen.ref as TransactionId);
  }

  /** The command whose effect it is, once that is committed; null when it is nobody's. */
  async #attribute(candidates: readonly Command[], effect: Effect): Promise<Command | null> {
    for (const command of mostSpecificFirst(candidates)) {
      const after = await this.changes.applyTo(command, () => [{ kind: 'effect', effect }]);
      if (after?.effect === effect) return after;
    }
    return null;
  }

  async #link(command: Command, id: TransactionId): Promise<void> {
    const context: AskContext = { tenant: command.tenant, caller: 'commands', requestId: this.ids.next<'request'>() };
    const request = { id, command: command.id };
    try {
      await this.bus.ask(transactionOperations.linkRemoteStart, request, context, { timeoutMs: askTimeoutMs });
    } catch (error) {
      // A refusal stands; without an answer the fact must come again.
      if (!(error instanceof ProblemError) || error.problem.status >= 500) throw error;
      this.logger.warn({ err: error, command: command.id, transaction: id }, 'a remote start was not linked');
    }
  }
}

/** A command that named the EVSE is meant before one that left it open. The latest comes first already. */
function mostSpecificFirst(commands: readonly Command[]): Command[] {
  const specific = (command: Command): number =>
    command.expectation !== null && 'evseId' in command.expectation && command.expectation.evseId !== null ? 0 : 1;
  return [...commands].sort((left, right) => specific(left) - specific(right));
}

function seenIn(fact: Fact): Seen | null {
  const { data } = fact;
  switch (fact.type) {
    case 'transaction.started': {
      const ref = textOf(data.id);
      const idToken = textOf(data.idToken);
      // A session of the past that is only now told of was begun by nothing that we asked.
      if (ref === null || idToken === null || data.offline === true) return null;
      return { observation: { kind: fact.type, idToken, evseId: fact.evseId ?? null }, ref };
    }
    case 'transaction.ended': {
      const ref = textOf(data.id);
      if (ref === null) return null;
      const ocppTransactionId = typeof data.ocppTransactionId === 'number' ? data.ocppTransactionId : null;
      return { observation: { kind: fact.type, transaction: ref, ocppTransactionId }, ref };
    }
    case 'station.booted':
      return { observation: { kind: fact.type }, ref: fact.id };
    case 'connector.changed': {
      const is = connectorStateOf(data.connectorState);
      if (is === null) return null;
      const was = connectorStateOf(data.previousConnectorState);
      return { observation: { kind: fact.type, evseId: fact.evseId ?? 0, was, is }, ref: fact.id };
    }
    default:
      return null;
  }
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

function connectorStateOf(value: unknown): ConnectorState | null {
  return connectorStates.find((state) => state === value) ?? null;
}
