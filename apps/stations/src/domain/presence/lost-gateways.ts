import type { GatewayId } from '@busbar/domain';

/** What a look at one gateway showed. */
export interface GatewayLook {
  gateway: GatewayId;
  leaseAlive: boolean;
  /** `silent`: asked over the bus and no answer; `nobody`: the bus knows that nobody listens; null: not asked. */
  ping: 'answered' | 'silent' | 'nobody' | null;
}

/**
 * Decides from repeated looks which gateways are gone. A missing lease alone proves little, because a restarted
 * Redis has forgotten every lease: it takes two looks in a row, and then either that nobody listens on the bus
 * under the gateway's id any more, or that it stayed silent and without a lease for `patienceMs`.
 */
export class LostGateways {
  readonly #missingSinceMs = new Map<GatewayId, number>();

  constructor(private readonly patienceMs: number) {}

  /** The gateways that were missing at the last look: only these need to be asked. */
  suspected(gateway: GatewayId): boolean {
    return this.#missingSinceMs.has(gateway);
  }

  /** Takes one round of looks; returns the gateways that are gone. Gateways not in the round are forgotten. */
  judge(looks: readonly GatewayLook[], nowMs: number): GatewayId[] {
    const gone: GatewayId[] = [];
    const seen = new Set<GatewayId>();
    for (const look of looks) {
      seen.add(look.gateway);
      if (look.leaseAlive || look.ping === 'answered') {
        this.#missingSinceMs.delete(look.gateway);
        continue;
      }
      const since = this.#missingSinceMs.get(look.gateway);
      if (since === undefined) this.#missingSinceMs.set(look.gateway, nowMs);
      else if (look.ping === 'nobody' || nowMs - since >= this.patienceMs) gone.push(look.gateway);
    }
    for (const gateway of this.#missingSinceMs.keys()) {
      if (!seen.has(gateway)) this.#missingSinceMs.delete(gateway);
    }
    return gone;
  }

  /** Forgets all suspicion: after a look that failed, two new ones are needed. */
  reset(): void {
    this.#missingSinceMs.clear();
  }
}
