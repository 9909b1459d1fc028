import type { Clock, IdSource } from '@busbar/domain';
import {
  type AskContext,
  type CommandType,
  type Fact,
  type OcppVersion,
  type ProblemDetail,
  ProblemError,
  type StationReference,
} from '@busbar/events';
import type { Command } from './command.js';
import type { CommandEvent } from './command-event.js';
import type { Asked, CommandStore, Insertion } from './command-store.js';
import { draft, type LoweredCall, notSupported, queued, type Wish } from './draft.js';
import { expectationOf } from './expectation.js';
import { factsOf } from './facts.js';
import { assertAllowed, forbiddenBy } from './station-checks.js';
import { settleBy } from './timing.js';
import { transition } from './transition.js';
import { isCommandType } from './type-rules.js';

/** What every wish may say beside what it is. */
interface Terms {
  identity: string;
  deadlineSeconds?: number;
  whenOffline?: 'fail' | 'wait';
}

export type CommandRequest = Terms & { type: string; params: Record<string, unknown> };
export type CallRequestBody = Terms & { action: string; payload: Record<string, unknown> };

type Lowered = { calls: LoweredCall[] } | { notSupported: string } | { invalid: ProblemDetail[] };

/** What is known of a transaction that a command names. */
export interface NamedTransaction {
  station: string;
  ocppTransactionId: number;
}

/** The station's version: what a wish is in it. Pure. */
export interface Lowering {
  versionOf(protocol: string | null): OcppVersion | null;
  lower(
    version: OcppVersion,
    type: CommandType,
    params: Record<string, unknown>,
    context: { ocppTransactionId?: number; maxKeysPerGetVariables: number | null },
  ): Lowered;
  lowerRaw(version: OcppVersion, action: string, payload: Record<string, unknown>): Lowered;
  shownParams(type: CommandType | 'Call', params: Record<string, unknown>): Record<string, unknown>;
  startsOrStops(action: string): boolean;
}

/** What other services know. Both throw when they can't be asked. */
export interface Knowledge {
  station(identity: string, context: AskContext): Promise<StationReference | null>;
  transaction(id: string, context: AskContext): Promise<NamedTransaction | null>;
}

/** The connection of a station. */
interface Route {
  gateway: Command['gateway'] & string;
  epoch: number;
}

export interface Routes {
  /** No further CALL may be begun in this replica. */
  readonly full: boolean;
  /** Null when nobody holds the station. */
  find(station: Command['station'], options: { thorough: boolean }): Promise<Route | null>;
}

/** Takes note of commands that may be stored as `sending` although nobody sends them. */
export interface Unsent {
  note(command: Command): void;
}

const deadlineSecondsDefault = 60;
const deadlineSecondsMax = 604_800;
/** The first look for a station that is away; `station.ready` comes sooner when it connects. */
const firstWaitMs = 2_000;
/** When something else is in flight: its end wakes the queue, this is for when nobody does. */
const behindOthersMs = 1_000;

/** Makes commands of wishes: refuses what must not be sent, lowers the rest to CALLs and stores it. */
export class NewCommands {
  constructor(
    private readonly store: CommandStore,
    private readonly knowledge: Knowledge,
    private readonly lowering: Lowering,
    private readonly routes: Routes,
    private readonly unsent: Unsent,
    private readonly clock: Clock,
    private readonly ids: IdSource,
  ) {}

  /**
   * A stored command, and whether it is new. Refusals: 404 `station-unknown`, 409 `registration-…`, 422 `body-invalid`
   * with JSON pointers, 429 `station-queue-full`.
   */
  async command(request: CommandRequest, context: AskContext): Promise<Stored> {
    const { type, params } = request;
    if (!isCommandType(type)) throw invalid([{ pointer: '/type', detail: 'no such type of command' }]);
    const terms = checkedTerms(request);
    assertStorable('/params', params);
    const station = await this.#station(request.identity, context);
    assertAllowed(forbiddenBy(station.registration, type, false));
    const version = this.lowering.versionOf(station.protocol);
    const named = await this.#transaction(type, params, station, context);
    const { maxKeysPerGetVariables } = station;
    const more = { maxKeysPerGetVariables, ...(named === null ? {} : { ocppTransactionId: named }) };
    const lowered = version === null ? unspoken(station) : this.lowering.lower(version, type, params, more);
    const expectation = expectationOf(type, params, named ?? numbered(params));
    const operation = 'commands.create';
    return this.#store({ type, params, expectation, ...terms }, station, version, lowered, { context, operation });
  }

  /** A raw CALL; refusals as for `command`. */
  async call(request: CallRequestBody, context: AskContext): Promise<Stored> {
    const { action, payload } = request;
    const terms = checkedTerms(request);
    assertStorable('/payload', payload);
    const station = await this.#station(request.identity, context);
    assertAllowed(forbiddenBy(station.registration, 'Call', this.lowering.startsOrStops(action)));
    const version = this.lowering.versionOf(station.protocol);
    const lowered = version === null ? unspoken(station) : this.lowering.lowerRaw(version, action, payload);
    const wish = { type: 'Call' as const, params: { action, payload }, expectation: null, ...terms };
    return this.#store(wish, station, version, lowered, { context, operation: 'commands.call' });
  }

  async #store(
    wish: Pick<Wish, 'type' | 'params' | 'expectation' | 'whenOffline' | 'deadlineSeconds'>,
    reference: StationReference,
    version: OcppVersion | null,
    lowered: Lowered,
    asked: { context: AskContext; operation: string },
  ): Promise<Stored> {
    if ('invalid' in lowered) throw invalid(lowered.invalid);
    const { station, identity } = reference;
    const calls = 'calls' in lowered ? lowered.calls : [];
    const params = shownParams(this.lowering, wish, calls);
    const { tenant } = asked.context;
    const all: Wish = { ...wish, params, tenant, station, identity, version: version ?? '1.6', calls };
    const made = draft(all, this.clock.now(), this.ids);
    const forms =
      'calls' in lowered ? await this.#forms(made) : { direct: null, queued: notSupported(made, lowered.notSupported) };
    const facts = forms.direct === null ? factsOf(null, forms.queued, this.ids, made.createdAt) : [];
    const insertion = await this.#insert(forms, facts, asked);
    if ('inserted' in insertion) return { command: insertion.inserted, isNew: true };
    const [command] = await this.store.read([insertion.known]);
    if (command === undefined) throw new Error('the command of an idempotency key is gone');
    return { command, isNew: false };
  }

  /** A command that may or may not be stored is not sent; if it is, it must go back to its queue. */
  async #insert(forms: { direct: Command | null; queued: Command }, facts: Fact[], asked: Asked): Promise<Insertion> {
    try {
      return await this.store.insert(forms, facts, asked);
    } catch (error) {
      if (forms.direct !== null && !(error instanceof ProblemError)) this.unsent.note(forms.direct);
      throw error;
    }
  }

  /** On its way at once when the station is there; otherwise it waits or fails, as its caller chose. */
  async #forms(made: Command): Promise<{ direct: Command | null; queued: Command }> {
    const route = await this.routes.find(made.station, { thorough: true });
    const at = made.createdAt;
    if (route === null) {
      const notBefore = new Date(at.getTime() + firstWaitMs);
      return { direct: null, queued: transition(queued(made), { kind: 'unreachable', at, notBefore }) };
    }
    const until = settleBy(made, made.calls[0]?.timeoutMs ?? 0, at);
    const claim = this.ids.next<'claim'>();
    const claimed: CommandEvent = { kind: 'claimed', at, claim, ...route, settleBy: until };
    const direct = this.routes.full ? null : transition(made, claimed);
    return { direct, queued: { ...queued(made), notBefore: new Date(at.getTime() + behindOthersMs) } };
  }

  async #station(identity: string, context: AskContext): Promise<StationReference> {
    const station = await this.knowledge.station(identity, context);
    if (station !== null) return station;
    throw new ProblemError({ status: 404, code: 'station-unknown', detail: 'There is no such station.' });
  }

  /** The wire id of the transaction that a stop names by our id. One that the station has not is not sendable. */
  async #transaction(
    type: CommandType,
    params: Record<string, unknown>,
    station: StationReference,
    context: AskContext,
  ): Promise<number | null> {
    if (type !== 'RequestStopTransaction' || typeof params.transaction !== 'string') return null;
    const named = await this.knowledge.transaction(params.transaction, context);
    if (named !== null && named.station === station.station) return named.ocppTransactionId;
    throw invalid([{ pointer: '/params/transaction', detail: 'no such transaction at this station' }]);
  }
}

export interface Stored {
  command: Command;
  /** False when the caller's idempotency key made it before. */
  isNew: boolean;
}

function checkedTerms(request: Terms): { whenOffline: 'fail' | 'wait'; deadlineSeconds: number } {
  const { deadlineSeconds = deadlineSecondsDefault, whenOffline = 'fail' } = request;
  const details: ProblemDetail[] = [];
  if (!Number.isInteger(deadlineSeconds) || deadlineSeconds < 1 || deadlineSeconds > deadlineSecondsMax) {
    details.push({ pointer: '/deadlineSeconds', detail: `a whole number from 1 to ${deadlineSecondsMax}` });
  }
  if (whenOffline !== 'fail' && whenOffline !== 'wait') {
    details.push({ pointer: '/whenOffline', detail: 'fail or wait' });
  }
  if (details.length > 0) throw invalid(details);
  return { whenOffline, deadlineSeconds };
}

/** In JSON text, an escape of NUL or of half a surrogate pair: what no store takes and no schema notices. */
const unstorable = /(?<!\\)(?:\\\\)*\\u(?:0000|d[89a-f])/i;

function assertStorable(pointer: string, value: Record<string, unknown>): void {
  if (unstorable.test(JSON.stringify(value))) throw invalid([{ pointer, detail: 'holds a character that is none' }]);
}

function unspoken(station: StationReference): Lowered {
  return { notSupported: `${station.protocol ?? 'its version'} is not spoken here` };
}

function numbered(params: Record<string, unknown>): number | null {
  return typeof params.ocppTransactionId === 'number' ? params.ocppTransactionId : null;
}

/** A raw call's payload is shown as its CALL is; a command's params by their own names. */
function shownParams(
  lowering: Lowering,
  { type, params }: Pick<Wish, 'type' | 'params'>,
  calls: readonly LoweredCall[],
): Record<string, unknown> {
  const [call] = calls;
  if (type === 'Call' && call !== undefined) return { ...params, payload: call.shown };
  return lowering.shownParams(type, params);
}

function invalid(errors: ProblemDetail[]): ProblemError {
  return new ProblemError({ status: 422, code: 'body-invalid', detail: 'Some members are wrong.', errors });
}
