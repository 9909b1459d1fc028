import type { Clock, GatewayId, StationId } from '@busbar/domain';
import { type Directory, type HeldStation, leaseMs, type Owner, type Superseded } from './directory.js';

/**
 * The directory in one process's memory, with the same promises: for tests, and for an installation that is one
 * process. Gateways that share it must share the object.
 */
export class LocalDirectory implements Directory {
  readonly #clock: Clock;
  readonly #leaseMs: number;
  readonly #owners = new Map<StationId, Owner>();
  /** Of each station's newest connection, also when that has ended. */
  readonly #epochs = new Map<StationId, number>();
  readonly #leaseEnds = new Map<GatewayId, number>();

  constructor(options: { clock: Clock; leaseMs?: number }) {
    this.#clock = options.clock;
    this.#leaseMs = options.leaseMs ?? leaseMs;
  }

  async claim(station: StationId, gateway: GatewayId, epochAtLeast: number) {
    const previous = this.#owners.get(station) ?? null;
    const clockMicroseconds = this.#clock.now().getTime() * 1_000;
    const epoch = Math.max(epochAtLeast, clockMicroseconds, (this.#epochs.get(station) ?? 0) + 1);
    this.#write(station, { gateway, epoch });
    return { epoch, previous };
  }

  async release(station: StationId, gateway: GatewayId, epoch: number): Promise<boolean> {
    const owner = this.#owners.get(station);
    return owner?.gateway === gateway && owner.epoch === epoch && this.#owners.delete(station);
  }

  async ownerOf(station: StationId): Promise<Owner | null> {
    const owner = this.#owners.get(station);
    return owner && this.#lives(owner.gateway) ? owner : null;
  }

  async announce(sessions: readonly HeldStation[], gateway: GatewayId): Promise<Superseded[]> {
    const superseded: Superseded[] = [];
    for (const { station, epoch } of sessions) {
      const by = this.#owners.get(station) ?? null;
      const stands = this.#epochs.get(station) ?? -1;
      if (stands > epoch || (stands === epoch && (!by || by.gateway > gateway))) {
        superseded.push({ station, epoch, by });
      } else {
        this.#write(station, { gateway, epoch });
      }
    }
    return superseded;
  }

  async renewLease(gateway: GatewayId): Promise<void> {
    this.#leaseEnds.set(gateway, this.#clock.monotonicMs() + this.#leaseMs);
  }

  async endLease(gateway: GatewayId): Promise<void> {
    this.#leaseEnds.delete(gateway);
  }

  async livingGateways(gateways: readonly GatewayId[]): Promise<Set<GatewayId>> {
    return new Set(gateways.filter((gateway) => this.#lives(gateway)));
  }

  /** Always there, so it is said once. */
  onStatus(listener: (available: boolean) => void): void {
    listener(true);
  }

  async close(): Promise<void> {
    this.#owners.clear();
    this.#epochs.clear();
    this.#leaseEnds.clear();
  }

  #write(station: StationId, owner: Owner): void {
    this.#owners.set(station, owner);
    this.#epochs.set(station, owner.epoch);
  }

  #lives(gateway: GatewayId): boolean {
    return (this.#leaseEnds.get(gateway) ?? 0) > this.#clock.monotonicMs();
  }
}
