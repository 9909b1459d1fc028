import type { CommandId, GatewayId, StationId } from '@busbar/domain';

/** A station's connection that is ready for CALLs. */
export interface ReadyConnection {
  station: StationId;
  gateway: GatewayId;
  epoch: number;
}

/**
 * What the sweeps ask of the rows. Every answer is a bounded batch and only a hint: whoever acts on it changes the
 * command through `CommandStore.save`, so that two replicas with the same hint do no harm. Where a batch is
 * taken, the rows are put aside for a while, so that other replicas take others.
 */
export interface QueueStore {
  /** Queued commands whose time to be written is over. */
  expired(now: Date, max: number): Promise<CommandId[]>;
  /** Commands in flight of which no word is to be expected any more; put aside until `until`. */
  takeSilent(now: Date, until: Date, max: number): Promise<CommandId[]>;
  /** Stations with a queued command that is due to be tried; put aside until `until`. */
  takeDue(now: Date, until: Date, max: number): Promise<StationId[]>;
  /** Gateways that have a CALL in flight. */
  busyGateways(max: number): Promise<GatewayId[]>;
  /** Commands with a CALL in flight to this gateway. */
  inFlightTo(gateway: GatewayId, max: number): Promise<CommandId[]>;
  /** Commands with a CALL in flight to an older connection than the station's given one. */
  inFlightBefore(connections: readonly ReadyConnection[], sendingBefore: Date): Promise<CommandId[]>;
  /** Those of the stations that have something queued. */
  withQueue(stations: readonly StationId[]): Promise<StationId[]>;
  /** Deletes commands that ended before then; the number deleted. */
  purge(endedBefore: Date, max: number): Promise<number>;
  /** Goes through a commit of its own: fails when one can't be had. */
  probe(): Promise<void>;
}
