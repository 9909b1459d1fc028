import type { CommandId, CommandOutcome, CommandState, GatewayId, StationId, TenantId } from '@busbar/domain';
import type { CommandType, OcppVersion } from '@busbar/events';
import type { Expectation } from './expectation.js';

/** One CALL of a command, on its way to the socket or past it. */
export interface Call {
  /** Its place among the command's CALLs; a repetition stands at the end and names the one that it repeats. */
  ordinal: number;
  /** Used for one CALL only, and kept when that CALL certainly never reached a socket. */
  messageId: string;
  action: string;
  /** Secrets masked: this is what is shown. */
  request: Record<string, unknown>;
  /** What must go out where `request` is masked; gone as soon as the CALL has ended. */
  secretRequest: Record<string, unknown> | null;
  timeoutMs: number;
  state: CallState;
  outcome: CommandOutcome | null;
  detail: string | null;
  response: Record<string, unknown> | null;
  error: StationError | null;
  sentAt: Date | null;
  answeredAt: Date | null;
  repeats: number | null;
}

/** `waiting` has certainly not been written, `sending` may have been, `sent` was. */
export type CallState = 'waiting' | 'sending' | 'sent' | 'ended';

/** A CALLERROR, in the station's words. */
export interface StationError {
  code: string;
  description: string;
  details: Record<string, unknown>;
}

interface TimelineEntry {
  state: CommandState;
  at: Date;
  gateway: GatewayId | null;
}

/** What was seen in the world that the command was to bring about. */
export interface Effect {
  /** The type of the fact that showed it. */
  kind: string;
  at: Date;
  /** The transaction where it is one, otherwise the fact. */
  ref: string | null;
}

/** What we asked of a station, and what came of it. Values are never changed in place: see `transition`. */
export interface Command {
  id: CommandId;
  tenant: TenantId;
  station: StationId;
  identity: string;
  version: OcppVersion;
  type: CommandType | 'Call';
  params: Record<string, unknown>;
  priority: Priority;
  whenOffline: 'fail' | 'wait';
  deadlineSeconds: number;
  goesOn: boolean;
  repeatable: boolean;
  state: CommandState;
  outcome: CommandOutcome | null;
  detail: string | null;
  createdAt: Date;
  deadlineAt: Date;
  endedAt: Date | null;
  /** The next CALL must be written by then. */
  sendBy: Date;
  /** While queued: not tried by a sweep before then. A wake-up does not wait for it. */
  notBefore: Date;
  /** How often in a row the next CALL came back unwritten. */
  refusals: number;
  /** The connection of the CALL in flight, or of the last one. */
  gateway: GatewayId | null;
  epoch: number | null;
  /** Whose sending this is: drawn anew by each who takes a CALL to send it. */
  claim: string | null;
  /** Set while a CALL is in flight: past it, no word of the CALL is to be expected any more. */
  settleBy: Date | null;
  timeline: TimelineEntry[];
  expectation: Expectation | null;
  expectUntil: Date | null;
  effect: Effect | null;
  /** The stored revision that this value was read as; 0 before it is stored. */
  revision: number;
  calls: Call[];
}

/** 0 stop and safety, 1 the rest, 2 bulk. */
export type Priority = 0 | 1 | 2;

/** The CALL that is or may be on the wire. */
export function callInFlight(command: Command): Call | undefined {
  return command.calls.find((call) => call.state === 'sending' || call.state === 'sent');
}

/** The CALL to be sent next; a repetition takes the place of the CALL that it repeats. */
export function nextCall(command: Command): Call | undefined {
  return command.calls
    .filter((call) => call.state === 'waiting')
    .sort((left, right) => (left.repeats ?? left.ordinal) - (right.repeats ?? right.ordinal))[0];
}
