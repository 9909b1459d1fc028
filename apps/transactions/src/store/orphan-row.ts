import type { Decimal, IdTokenInfo, StationId, TenantId, TransactionId } from '@busbar/domain';
import type { Reading } from '@busbar/events';
import { type Sql, sql } from '@busbar/persistence';
import type { OrphanStop } from '../domain/transaction-record.js';

/** A row of `transactions.orphan_stop` as it comes out of Postgres. */
export interface OrphanRow {
  id: string;
  tenant_id: TenantId;
  station_id: StationId;
  stop_key: Buffer;
  ocpp_transaction_id: string;
  message_id: string;
  timestamp_text: string;
  meter_text: string;
  received_at: Date;
  raw: string | null;
  stopped_at: Date;
  implausible_clock: boolean;
  meter_stop_wh: Decimal | null;
  stop_reason: string;
  id_token: string | null;
  id_token_folded: string | null;
  id_token_info: IdTokenInfo | null;
  readings: Reading[];
  transaction_id: TransactionId | null;
  matched_by: 'rule' | 'person' | null;
}

export function orphanOf(row: OrphanRow): OrphanStop {
  return {
    id: row.id,
    tenant: row.tenant_id,
    station: row.station_id,
    stopKey: row.stop_key,
    ocppTransactionId: row.ocpp_transaction_id,
    messageId: row.message_id,
    timestampText: row.timestamp_text,
    meterText: row.meter_text,
    receivedAt: row.received_at,
    raw: row.raw,
    stoppedAt: row.stopped_at,
    implausibleClock: row.implausible_clock,
    meterStopWh: row.meter_stop_wh,
    reason: row.stop_reason,
    idToken: row.id_token,
    idTokenFolded: row.id_token_folded,
    idTokenInfo: row.id_token_info,
    readings: row.readings,
    match: row.transaction_id && row.matched_by ? { transaction: row.transaction_id, by: row.matched_by } : null,
  };
}

export function insertOrphan(orphan: OrphanStop): Sql {
  const idTokenInfo = orphan.idTokenInfo && JSON.stringify(orphan.idTokenInfo);
  return sql`
    insert into transactions.orphan_stop (id, tenant_id, station_id, stop_key, ocpp_transaction_id, message_id,
      timestamp_text, meter_text, received_at, raw, stopped_at, implausible_clock, meter_stop_wh, stop_reason,
      id_token, id_token_folded, id_token_info, readings)
    values (${orphan.id}, ${orphan.tenant}, ${orphan.station}, ${orphan.stopKey}, ${orphan.ocppTransactionId},
      ${orphan.messageId}, ${orphan.timestampText}, ${orphan.meterText}, ${orphan.receivedAt}, ${orphan.raw},
      ${orphan.stoppedAt}, ${orphan.implausibleClock}, ${orphan.meterStopWh}, ${orphan.reason}, ${orphan.idToken},
      ${orphan.idTokenFolded}, ${idTokenInfo}::jsonb, ${JSON.stringify(orphan.readings)}::jsonb)`;
}
