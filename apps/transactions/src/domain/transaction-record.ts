import type {
  AuthorizationStatus,
  CommandId,
  Decimal,
  IdTokenInfo,
  StationId,
  TenantId,
  TransactionId,
} from '@busbar/domain';
import type { Reading, TransactionFlag } from '@busbar/events';

/** What ended a transaction: its own stop, a stop without a usable id that was matched, or a person. */
export type StopOrigin = 'station' | 'orphan' | 'person';

/** How a transaction ended. texts are the station's own; null where a person ended it. */
export interface RecordedStop {
  origin: StopOrigin;
  orphanId: string | null;
  messageId: string | null;
  timestampText: string | null;
  meterText: string | null;
  receivedAt: Date;
  raw: string | null;
  stoppedAt: Date;
  meterStopWh: Decimal | null;
  /** Null when nobody knows; never negative. */
  energyWh: Decimal | null;
  reason: string | null;
  idToken: string | null;
  /** What the station was told about the stop's token; a repeat is told the same. */
  idTokenInfo: IdTokenInfo | null;
  closedBy: string | null;
}

/** One transaction as it is recorded. Everything above `remoteStartCommandId` is written once and never changes. */
export interface TransactionRecord {
  id: TransactionId;
  tenant: TenantId;
  station: StationId;
  evseId: number;
  connectorId: number;
  ocppTransactionId: number;
  startKey: Buffer;
  discriminator: string;
  /** Under which the start came; grows only for a station without a clock (rule S-07). */
  startMessageIds: readonly string[];
  startTimestampText: string;
  startMeterText: string;
  startReceivedAt: Date;
  startRaw: string | null;
  idToken: string;
  idTokenFolded: string;
  startedAt: Date;
  meterStartWh: Decimal;
  reservationId: number | null;
  offline: boolean;
  authorizationStatus: AuthorizationStatus;
  authorizationReason: string;
  idTokenInfo: IdTokenInfo;
  concurrencyKey: string;
  remoteStartCommandId: CommandId | null;
  /** Whether it counts against its token's limit of open transactions. */
  occupiesToken: boolean;
  /** Null while it is active. */
  stop: RecordedStop | null;
  flags: TransactionFlag[];
}

/** A stop that names no transaction of its station, kept until a rule or a person says which one it ends. */
export interface OrphanStop {
  id: string;
  tenant: TenantId;
  station: StationId;
  stopKey: Buffer;
  ocppTransactionId: string;
  messageId: string;
  timestampText: string;
  meterText: string;
  receivedAt: Date;
  raw: string | null;
  stoppedAt: Date;
  implausibleClock: boolean;
  meterStopWh: Decimal | null;
  reason: string;
  idToken: string | null;
  idTokenFolded: string | null;
  idTokenInfo: IdTokenInfo | null;
  readings: Reading[];
  match: { transaction: TransactionId; by: 'rule' | 'person' } | null;
}
