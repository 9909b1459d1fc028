import { type Clock, type IdSource, type StationId, storableText, type TenantId } from '@busbar/domain';
import type { Fact } from '@busbar/events';
import { type Found, judge, type Place, type Purpose, type Verdict } from './judge.js';
import { foldedCandidates, idTokenLengthMax } from './token.js';

/** One token that was presented at a station. */
export interface Presented {
  /** Under which the decision is kept; the same id is kept once. */
  id: string;
  tenant: TenantId;
  station: StationId;
  idToken: string;
  purpose: Purpose;
  at: Date;
  /** When the transaction began by the station's clock; null for an Authorize. */
  occurredAt: Date | null;
}

export interface DecisionRow {
  presented: Presented;
  /** The token as it was presented, in a form that can be kept. */
  idToken: string;
  folded: string;
  verdict: Verdict;
}

export interface AuthorizationStore {
  /** Looks all up at once; the answer is in the order of the question. */
  find(asked: readonly { tenant: TenantId; candidates: readonly string[] }[]): Promise<(Found | undefined)[]>;
  /** Keeps decisions, sightings of unknown tokens and facts in one commit, also when there are none. */
  record(decisions: readonly DecisionRow[], facts: readonly Fact[]): Promise<void>;
}

export interface StationPlaces {
  /** Where stations stand; those that could not be learned in time are left out. Never rejects. */
  find(stations: readonly { tenant: TenantId; station: StationId }[]): Promise<Map<StationId, Place>>;
}

/** Decides and keeps every decision. Any number of replicas may decide the same at the same time. */
export class Authorizer {
  constructor(
    private readonly store: AuthorizationStore,
    private readonly places: StationPlaces,
    private readonly ids: IdSource,
    private readonly clock: Clock,
  ) {}

  /**
   * A verdict per token, in their order, once all of them are committed. An Authorize whose place could not be
   * learned gets none and is not kept: it is asked again, and nothing is invented (rule I-07).
   */
  async decide(presented: readonly Presented[]): Promise<(Verdict | null)[]> {
    const asked = presented.map(({ tenant, idToken }) => ({ tenant, candidates: foldedCandidates(idToken) }));
    const [found, places] = await Promise.all([this.store.find(asked), this.places.find(presented)]);
    const now = this.clock.now();
    const rows: DecisionRow[] = [];
    const facts: Fact[] = [];
    const verdicts = presented.map((one, index): Verdict | null => {
      const place = places.get(one.station);
      const [folded = ''] = asked[index]?.candidates ?? [];
      const verdict = judge(found[index], folded, one.purpose, place, now);
      if (one.purpose === 'authorize' && verdict.reason === 'location-unverified') return null;
      rows.push({ presented: one, idToken: storableText(one.idToken, idTokenLengthMax), folded, verdict });
      if (one.purpose !== 'stop') facts.push(this.#fact(one, verdict, place));
      return verdict;
    });
    await this.store.record(rows, facts);
    return verdicts;
  }

  #fact(presented: Presented, verdict: Verdict, place: Place | undefined): Fact {
    const { status, reason, group } = verdict;
    const idToken = storableText(presented.idToken, idTokenLengthMax);
    return {
      id: this.ids.next(),
      type: 'authorization.decided',
      tenant: presented.tenant,
      station: presented.station,
      ...(place?.identity ? { stationIdentity: place.identity } : {}),
      at: presented.at.toISOString(),
      data: { id: presented.id, idToken, purpose: presented.purpose, status, reason, group },
    };
  }
}
