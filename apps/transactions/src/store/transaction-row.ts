import type {
  AuthorizationStatus,
  CommandId,
  Decimal,
  IdTokenInfo,
  StationId,
  TenantId,
  TransactionId,
} from '@busbar/domain';
import type { TransactionFlag } from '@busbar/events';
import { sql } from '@busbar/persistence';
import type { StopOrigin, TransactionRecord } from '../domain/transaction-record.js';

/** A row of `transactions.transaction` as it comes out of Postgres. */
export interface TransactionRow {
  id: TransactionId;
  tenant_id: TenantId;
  station_id: StationId;
  evse_id: number;
  connector_id: number;
  ocpp_transaction_id: number;
  start_key: Buffer;
  discriminator: string;
  start_message_ids: string[];
  start_timestamp_text: string;
  start_meter_text: string;
  start_received_at: Date;
  start_raw: string | null;
  id_token: string;
  id_token_folded: string;
  started_at: Date;
  meter_start_wh: Decimal;
  reservation_id: number | null;
  remote_start_command_id: CommandId | null;
  offline: boolean;
  authorization_status: AuthorizationStatus;
  authorization_reason: string;
  id_token_info: IdTokenInfo;
  concurrency_key: string;
  occupies_token: boolean;
  stop_origin: StopOrigin | null;
  stop_orphan_id: string | null;
  stop_message_id: string | null;
  stop_timestamp_text: string | null;
  stop_meter_text: string | null;
  stop_received_at: Date | null;
  stop_raw: string | null;
  stopped_at: Date | null;
  meter_stop_wh: Decimal | null;
  energy_wh: Decimal | null;
  stop_reason: string | null;
  stop_id_token: string | null;
  stop_id_token_info: IdTokenInfo | null;
  closed_by: string | null;
  flags: TransactionFlag[];
}

/** The columns of a record, for a table named `t`. */
export const transactionColumns = sql`
  t.id, t.tenant_id, t.station_id, t.evse_id, t.connector_id, t.ocpp_transaction_id, t.start_key, t.discriminator,
  t.start_message_ids, t.start_timestamp_text, t.start_meter_text, t.start_received_at, t.start_raw, t.id_token,
  t.id_token_folded, t.started_at, t.meter_start_wh, t.reservation_id, t.remote_start_command_id, t.offline,
  t.authorization_status, t.authorization_reason, t.id_token_info, t.concurrency_key, t.occupies_token,
  t.stop_origin, t.stop_orphan_id, t.stop_message_id, t.stop_timestamp_text, t.stop_meter_text, t.stop_received_at,
  t.stop_raw, t.stopped_at, t.meter_stop_wh, t.energy_wh, t.stop_reason, t.stop_id_token, t.stop_id_token_info,
  t.closed_by, t.flags`;

export function recordOf(row: TransactionRow): TransactionRecord {
  return {
    id: row.id,
    tenant: row.tenant_id,
    station: row.station_id,
    evseId: row.evse_id,
    connectorId: row.connector_id,
    ocppTransactionId: row.ocpp_transaction_id,
    startKey: row.start_key,
    discriminator: row.discriminator,
    startMessageIds: row.start_message_ids,
    startTimestampText: row.start_timestamp_text,
    startMeterText: row.start_meter_text,
    startReceivedAt: row.start_received_at,
    startRaw: row.start_raw,
    idToken: row.id_token,
    idTokenFolded: row.id_token_folded,
    startedAt: row.started_at,
    meterStartWh: row.meter_start_wh,
    reservationId: row.reservation_id,
    offline: row.offline,
    authorizationStatus: row.authorization_status,
    authorizationReason: row.authorization_reason,
    idTokenInfo: row.id_token_info,
    concurrencyKey: row.concurrency_key,
    remoteStartCommandId: row.remote_start_command_id,
    occupiesToken: row.occupies_token,
    stop: stopOf(row),
    flags: row.flags,
  };
}

function stopOf(row: TransactionRow): TransactionRecord['stop'] {
  if (row.stop_origin === null || row.stopped_at === null || row.stop_received_at === null) return null;
  return {
    origin: row.stop_origin,
    orphanId: row.stop_orphan_id,
    messageId: row.stop_message_id,
    timestampText: row.stop_timestamp_text,
    meterText: row.stop_meter_text,
    receivedAt: row.stop_received_at,
    raw: row.stop_raw,
    stoppedAt: row.stopped_at,
    meterStopWh: row.meter_stop_wh,
    energyWh: row.energy_wh,
    reason: row.stop_reason,
    idToken: row.stop_id_token,
    idTokenInfo: row.stop_id_token_info,
    closedBy: row.closed_by,
  };
}
