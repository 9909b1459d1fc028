import { type Sql, sql } from '@busbar/persistence';
import type { TransactionRecord } from '../domain/transaction-record.js';

/**
 * Inserts a transaction if its natural key is absent and gives it the next id of the wire. The id is taken here and
 * not before, when a look-up has found nothing, because inserts that conflict burn ids too (DESIGN §6).
 */
export function insertTransaction(start: Omit<TransactionRecord, 'ocppTransactionId'>): Sql {
  return sql.named('insert_transaction')`
    insert into transactions.transaction (id, tenant_id, station_id, evse_id, connector_id, ocpp_transaction_id,
      start_key, discriminator, start_message_ids, start_timestamp_text, start_meter_text, start_received_at, start_raw,
      id_token, id_token_folded, started_at, meter_start_wh, reservation_id, remote_start_command_id, offline,
      authorization_status, authorization_reason, id_token_info, concurrency_key, occupies_token, state, flags)
    values (${start.id}, ${start.tenant}, ${start.station}, ${start.evseId}, ${start.connectorId},
      nextval('transactions.ocpp_transaction_id'), ${start.startKey}, ${start.discriminator}, ${start.startMessageIds}::text[],
      ${start.startTimestampText}, ${start.startMeterText}, ${start.startReceivedAt}, ${start.startRaw},
      ${start.idToken}, ${start.idTokenFolded}, ${start.startedAt}, ${start.meterStartWh}, ${start.reservationId},
      ${start.remoteStartCommandId}, ${start.offline}, ${start.authorizationStatus}, ${start.authorizationReason},
      ${JSON.stringify(start.idTokenInfo)}::jsonb, ${start.concurrencyKey}, ${start.occupiesToken}, 'active',
      ${start.flags}::text[])
    on conflict do nothing
    returning ocpp_transaction_id, exists (
      select from transactions.orphan_stop o
       where o.station_id = ${start.station} and o.id_token_folded = ${start.idTokenFolded}
         and o.transaction_id is null) as orphans_wait`;
}

/** Writes what may change of a transaction: its end, its flags, its command, the messages it came in. */
export function saveTransaction(transaction: TransactionRecord): Sql {
  const { stop } = transaction;
  const stopTokenInfo = stop?.idTokenInfo ? JSON.stringify(stop.idTokenInfo) : null;
  return sql.named('save_transaction')`
    update transactions.transaction set
      start_message_ids = ${transaction.startMessageIds}::text[],
      state = ${stop ? 'ended' : 'active'}, flags = ${transaction.flags}::text[],
      occupies_token = ${transaction.occupiesToken}, remote_start_command_id = ${transaction.remoteStartCommandId},
      stop_origin = ${stop?.origin ?? null}, stop_orphan_id = ${stop?.orphanId ?? null},
      stop_message_id = ${stop?.messageId ?? null}, stop_timestamp_text = ${stop?.timestampText ?? null},
      stop_meter_text = ${stop?.meterText ?? null}, stop_received_at = ${stop?.receivedAt ?? null},
      stop_raw = ${stop?.raw ?? null}, stopped_at = ${stop?.stoppedAt ?? null},
      meter_stop_wh = ${stop?.meterStopWh ?? null}, energy_wh = ${stop?.energyWh ?? null},
      stop_reason = ${stop?.reason ?? null}, stop_id_token = ${stop?.idToken ?? null},
      stop_id_token_info = ${stopTokenInfo}::jsonb, closed_by = ${stop?.closedBy ?? null}
    where id = ${transaction.id}`;
}
