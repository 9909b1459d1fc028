import type { Clock, StationId, TenantId } from '@busbar/domain';
import type { StationReference } from '@busbar/events';
import type { Logger } from '@busbar/observability';
import type { StationPlaces } from '../domain/authorizer.js';
import type { Place } from '../domain/judge.js';

/** Asks the stations service; rejects when it does not answer in time. */
export type AskReferences = (tenant: TenantId, stations: StationId[]) => Promise<StationReference[]>;

const freshMs = 30_000;
const pauseAfterFailureMs = 2_000;
const keptMax = 20_000;
const askedAtOnceMax = 500;

/**
 * Where stations stand, asked of the stations service and remembered for half a minute: a token that is held to a
 * site is judged by what was true then. While the service is silent an older memory serves, and it is not asked
 * again for two seconds, so that its silence does not slow down every decision.
 */
export class KnownPlaces implements StationPlaces {
  readonly #kept = new Map<StationId, { place: Place; atMs: number }>();
  #pausedUntilMs = 0;

  constructor(
    private readonly ask: AskReferences,
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {}

  async find(stations: readonly { tenant: TenantId; station: StationId }[]): Promise<Map<StationId, Place>> {
    const nowMs = this.clock.monotonicMs();
    const missing = new Map<TenantId, Set<StationId>>();
    for (const { tenant, station } of stations) {
      const kept = this.#kept.get(station);
      if (kept && nowMs - kept.atMs < freshMs) continue;
      const ofTenant = missing.get(tenant) ?? new Set();
      missing.set(tenant, ofTenant.add(station));
    }
    if (nowMs >= this.#pausedUntilMs) {
      await Promise.all([...missing].map(([tenant, ofTenant]) => this.#learn(tenant, [...ofTenant])));
    }
    const places = new Map<StationId, Place>();
    for (const { station } of stations) {
      const kept = this.#kept.get(station);
      if (kept) places.set(station, kept.place);
    }
    return places;
  }

  async #learn(tenant: TenantId, stations: StationId[]): Promise<void> {
    const asked = stations.slice(0, askedAtOnceMax);
    try {
      const references = new Map((await this.ask(tenant, asked)).map((reference) => [reference.station, reference]));
      for (const station of asked) {
        const reference = references.get(station);
        this.#keep(station, { identity: reference?.identity ?? null, site: reference?.site ?? null });
      }
    } catch (error) {
      this.#pausedUntilMs = this.clock.monotonicMs() + pauseAfterFailureMs;
      this.logger.warn({ err: error, stations: asked.length }, 'places of stations could not be asked for');
    }
  }

  #keep(station: StationId, place: Place): void {
    this.#kept.delete(station);
    this.#kept.set(station, { place, atMs: this.clock.monotonicMs() });
    if (this.#kept.size <= keptMax) return;
    const [oldest] = this.#kept.keys();
    if (oldest !== undefined) this.#kept.delete(oldest);
  }
}
