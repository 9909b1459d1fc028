import { type Sql, sql } from '@busbar/persistence';
import type { TransactionRecord } from '../domain/transaction-record.js';

/*
 * Which readings belong to a transaction is worked out here (rule V-02). Those that name its wire id do, on whatever
 * connector. Those that name no transaction of the station (-1, 0, an unknown id, none) belong to the transaction
 * that ran on their connector when they were taken. The time is used to look into few partitions only, and is
 * generous for readings that name the transaction: a day to either side, and everything whose clock is nonsense.
 */

/** The latest register of the transaction in the row `t` of the surrounding query, which is active. */
export const latestRegister = sql`
  select r.energy_wh
    from transactions.reading r
   where r.station_id = t.station_id and r.sampled_at >= t.started_at
     and r.sampled_at < now() + interval '1 day' and r.energy_wh is not null
     and (r.ocpp_transaction_id = t.ocpp_transaction_id::text
       or (r.evse_id = t.evse_id and r.connector_id = t.connector_id and not t.flags @> '{superseded}'
         and not exists (${namesAnother()})))
   order by r.sampled_at desc
   limit 1`;

/** The readings of a transaction in time order, those after `after`. */
export function readingsOf(transaction: TransactionRecord, after: Date | null, limit: number): Sql {
  const { station, evseId, connectorId, ocppTransactionId, startedAt, stop } = transaction;
  const lastMoment = stop ? sql`${stop.stoppedAt}::timestamptz` : sql`now()`;
  // A superseded transaction no longer ran on its connector, and nobody knows since when.
  const unknownEnd = transaction.flags.includes('superseded') && (!stop || stop.origin === 'person');
  const ranUntil = unknownEnd ? sql`'-infinity'::timestamptz` : lastMoment;
  return sql`
    select * from (
      select case when r.sampled_at = '-infinity' then r.received_at else r.sampled_at end as shown_at,
             r.received_at, r.context, r.samples, r.digest
        from transactions.reading r
       where r.station_id = ${station}
         and ((r.sampled_at >= ${startedAt}::timestamptz - interval '1 day'
               and r.sampled_at <= ${lastMoment} + interval '1 day')
           or r.sampled_at < '2010-01-01' or r.sampled_at > now() + interval '1 day')
         and (r.ocpp_transaction_id = ${String(ocppTransactionId)}
           or (r.evse_id = ${evseId} and r.connector_id = ${connectorId}
             and r.sampled_at >= ${startedAt} and r.sampled_at <= ${ranUntil}
             and not exists (${namesAnother()})))
    ) found
     where ${after ? sql`shown_at > ${after}` : sql`true`}
     order by shown_at, received_at, digest
     limit ${limit}`;
}

/** Whether the reading `r` names a transaction of its station: then it belongs to that one and no other. */
function namesAnother(): Sql {
  return sql`
    select from transactions.transaction named
     where named.station_id = r.station_id and named.ocpp_transaction_id::text = r.ocpp_transaction_id`;
}
