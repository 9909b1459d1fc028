import type { GatewayId, StationId } from '@busbar/domain';

/** Who holds a station, and under which epoch. */
export interface Owner {
  gateway: GatewayId;
  epoch: number;
}

/** A connection that a gateway holds. */
export interface HeldStation {
  station: StationId;
  epoch: number;
}

/** An announcement that changed nothing, because the directory knows something newer. */
export interface Superseded extends HeldStation {
  /** Who stands there; null when a newer connection came and has ended already. The announced one must be fenced. */
  by: Owner | null;
}

/**
 * Which gateway holds which station. A cache of the truth in the gateways: it may be empty, late or away, so nothing
 * here ever closes a connection by itself.
 *
 * Every operation is safe to call any number of times at once, and fails within 300 ms with a `DirectoryError`
 * `unavailable`; it may then have taken effect all the same. Epochs are microseconds, below 2^53; for one station each
 * claim's epoch is above every epoch that was claimed or announced before.
 */
export interface Directory {
  /**
   * Makes `gateway` the owner and returns the new epoch, at least `epochAtLeast` and above all earlier ones, with
   * whoever stood there before (perhaps the same gateway, perhaps a dead one): it must be asked to fence.
   */
  claim(
    station: StationId,
    gateway: GatewayId,
    epochAtLeast: number,
  ): Promise<{ epoch: number; previous: Owner | null }>;
  /** Removes the entry if it is exactly this one; true when it was. The late close of an old socket changes nothing. */
  release(station: StationId, gateway: GatewayId, epoch: number): Promise<boolean>;
  /** The owner, while its gateway's lease lives; otherwise null. */
  ownerOf(station: StationId): Promise<Owner | null>;
  /**
   * Writes what a gateway holds, after the directory was away and as a slow sweep. Never lowers an epoch; returns those
   * that something newer stands against.
   */
  announce(sessions: readonly HeldStation[], gateway: GatewayId): Promise<Superseded[]>;
  /** Makes the gateway's sessions valid for the next ten seconds. */
  renewLease(gateway: GatewayId): Promise<void>;
  /** Makes the gateway's sessions invalid at once. */
  endLease(gateway: GatewayId): Promise<void>;
  /** Those of `gateways` whose lease lives. */
  livingGateways(gateways: readonly GatewayId[]): Promise<Set<GatewayId>>;
  /** Calls `listener` when the directory is there or comes back (true: announce everything), or goes away (false). */
  onStatus(listener: (available: boolean) => void): void;
  close(): Promise<void>;
}

/** How long a lease lives without being renewed. */
export const leaseMs = 10_000;
/** How long any operation may take. */
export const operationTimeoutMs = 300;
