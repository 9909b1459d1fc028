import type { CommandId, GatewayId, Registration, SecurityProfile, StationId, TenantId } from '@busbar/domain';
import type { CallEnding, OcppVersion } from './report.js';

/** One attempt to connect, as the gateway saw it before the upgrade. */
export interface ConnectAttempt {
  /** The last segment of the path, percent-decoded once. */
  identity: string;
  /** Which listener: plain takes profiles 0 and 1, TLS 2 and 3. */
  listener: 'plain' | 'tls';
  /** The bytes of the `Authorization: Basic` header after base64, in base64 again; absent when there was none. */
  basic?: string;
  /** The verified client certificate, PEM. */
  clientCertificate?: string;
  remoteAddress: string;
}

/** What a gateway knows of a station while it holds its connection. */
export interface StationSession {
  tenant: TenantId;
  station: StationId;
  identity: string;
  registration: Registration;
  /** True once a boot was accepted; until then everything but BootNotification is refused (rule R-04). */
  everAccepted: boolean;
  securityProfile: SecurityProfile;
  heartbeatIntervalSeconds: number;
  strict: boolean;
  /** The version to assume when the station offers no subprotocol; null refuses. */
  assumeProtocol: string | null;
  /** Until when heartbeats and meter values are recorded too; null when not watched. */
  watchedUntil: string | null;
}

export type ConnectResult =
  | { outcome: 'accepted'; session: StationSession }
  /** Unknown station and wrong key are not told apart outside; the reason is for the log and the `station.refused` fact. */
  | { outcome: 'refused'; reason: 'unknown-station' | 'wrong-key' | 'user-name' | 'security-profile' };

export interface AuthenticateRequest {
  gateway: GatewayId;
  attempts: ConnectAttempt[];
}

/** In the order of the attempts. */
export interface AuthenticateReply {
  results: ConnectResult[];
}

/** A CALL of ours for the gateway that holds the station. */
export interface CallRequest {
  command: CommandId;
  tenant: TenantId;
  station: StationId;
  epoch: number;
  messageId: string;
  version: OcppVersion;
  action: string;
  /** Passed the version's schema already. */
  payload: Record<string, unknown>;
  /** Not to be written after this instant. */
  sendBy: string;
  timeoutMs: number;
}

/** Nothing was written, so the owner can be looked up again without risk. */
export type NotWritten =
  | 'not-connected'
  | 'stale-route'
  /** Another CALL of ours is outstanding on this connection. */
  | 'busy'
  /** The station has not had its first message answered on this connection; `station.ready` says when (rule K-11). */
  | 'not-ready'
  | 'too-late'
  | 'draining';

export type CallReply =
  | { written: false; reason: NotWritten }
  | { written: true; sentAt: string; endedAt: string; ending: CallEnding };

/** Asks a gateway to stop using its connection of a station, because a newer epoch exists. */
export interface FenceRequest {
  station: StationId;
  /** The newer epoch. A connection with this epoch or a later one is left alone. */
  epoch: number;
  gateway: GatewayId;
}

export interface FenceReply {
  /** True when a connection was fenced now, false when there was none of an older epoch. */
  fenced: boolean;
}

/** Announced by a gateway that could not write its claim to Redis. */
export interface ClaimAnnouncement {
  station: StationId;
  gateway: GatewayId;
  epoch: number;
}

/** Asked of all gateways when Redis does not know: who holds this station? Only holders answer. */
export interface WhoHoldsRequest {
  station: StationId;
}

export interface WhoHoldsReply {
  gateway: GatewayId;
  epoch: number;
}

/** What a service changed about a station, for the gateway that holds it. Absent members did not change. */
export interface SessionUpdate {
  station: StationId;
  registration?: Registration;
  heartbeatIntervalSeconds?: number;
  strict?: boolean;
  watchedUntil?: string | null;
  /** Closes the connection: 1008 for a station that was deleted or may no longer connect this way. */
  close?: { code: 1008 | 1012 | 4001; reason: string };
}

/** Raw frames of a station, both directions: the flight recorder's row. */
export interface RecordedFrame {
  station: StationId;
  at: string;
  direction: 'in' | 'out';
  messageId: string;
  action: string;
  frame: string;
  /** The message id of the CALL that this answers. */
  answerOf?: string;
  latencyMs?: number;
  deviations?: { rule: string; detail: string }[];
}
