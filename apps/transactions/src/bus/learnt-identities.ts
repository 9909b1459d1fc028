import type { Clock, StationId, TenantId } from '@busbar/domain';
import { type AskContext, type StationReference, stationOperations } from '@busbar/events';
import type { Bus } from '@busbar/messaging';
import type { Logger } from '@busbar/observability';
import type { IdentityMemory } from '../domain/identity-memory.js';
import type { StationIdentities } from '../domain/judging.js';
import type { StationsByIdentity } from '../domain/queries.js';

const rememberedMax = 50_000;
const askTimeoutMs = 1_000;
/** After a silence the stations service is left alone for a while: names are wanted, but nothing waits for them. */
const pauseMs = 5_000;
const askedAtOnceMax = 500;

/**
 * Stations' identities: from this process's memory, else from our own table, else asked of the stations service,
 * once per station. Never fails and never holds up an answer for long; who is missing is learnt another time.
 */
export class LearntIdentities implements StationIdentities, StationsByIdentity {
  /** The longest unused is the first. */
  readonly #remembered = new Map<StationId, string>();
  #silentUntilMs = 0;

  constructor(
    private readonly memory: IdentityMemory,
    private readonly bus: Bus,
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {}

  async of(tenant: TenantId, stations: readonly StationId[]): Promise<ReadonlyMap<StationId, string>> {
    const found = new Map<StationId, string>();
    const missing = stations.filter((station) => {
      const identity = this.#remembered.get(station);
      if (identity === undefined) return true;
      this.#remember(station, identity);
      found.set(station, identity);
      return false;
    });
    if (missing.length === 0) return found;
    for (const [station, identity] of await this.#learn(tenant, missing)) {
      found.set(station, identity);
      this.#remember(station, identity);
    }
    return found;
  }

  async named(tenant: TenantId, identity: string): Promise<StationId[]> {
    const references = await this.#ask(tenant, { identities: [identity] });
    try {
      const known = await this.memory.named(tenant, identity);
      return [...new Set([...references.map(({ station }) => station), ...known])];
    } catch (error) {
      this.#note(error);
      return references.map(({ station }) => station);
    }
  }

  async #learn(tenant: TenantId, stations: readonly StationId[]): Promise<Map<StationId, string>> {
    try {
      const known = await this.memory.known(tenant, stations);
      const unknown = stations.filter((station) => !known.has(station)).slice(0, askedAtOnceMax);
      if (unknown.length === 0) return known;
      const references = await this.#ask(tenant, { stations: unknown });
      const learnt = new Map(references.map(({ station, identity }) => [station, identity]));
      if (learnt.size > 0) await this.memory.remember(tenant, learnt);
      return new Map([...known, ...learnt]);
    } catch (error) {
      this.#note(error);
      return new Map();
    }
  }

  async #ask(
    tenant: TenantId,
    request: { identities?: string[]; stations?: StationId[] },
  ): Promise<StationReference[]> {
    if (this.clock.monotonicMs() < this.#silentUntilMs) return [];
    const context: AskContext = { tenant, caller: 'transactions', requestId: 'station-identities' };
    try {
      const options = { timeoutMs: askTimeoutMs };
      const { items } = await this.bus.ask(stationOperations.references, request, context, options);
      return items;
    } catch (error) {
      this.#silentUntilMs = this.clock.monotonicMs() + pauseMs;
      this.#note(error);
      return [];
    }
  }

  #remember(station: StationId, identity: string): void {
    this.#remembered.delete(station);
    this.#remembered.set(station, identity);
    const oldest = this.#remembered.keys().next().value;
    if (this.#remembered.size > rememberedMax && oldest !== undefined) this.#remembered.delete(oldest);
  }

  /** A name is wanted for facts and views only; without it they show our own id. */
  #note(error: unknown): void {
    this.logger.warn({ err: error }, 'the identities of stations could not be learnt');
  }
}
