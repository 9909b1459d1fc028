import type { StationId } from '@busbar/domain';
import type { AskContext } from '@busbar/events';
import { recordFacts } from '@busbar/outbox';
import { type Database, once, type Sql, sql, type Transaction, writerRole } from '@busbar/persistence';
import type { KnownStart, Ledger, StationLedger, TokenGroup } from '../domain/ledger.js';
import type { ReachFaultPoint } from './fault-points.js';
import { schema, statementTimeoutMs } from './postgres-reading-store.js';
import { PostgresStationLedger } from './postgres-station-ledger.js';

const writing = { role: writerRole(schema), statementTimeoutMs };

/** The billing record in Postgres. Any number of replicas may use it at once. */
export class PostgresLedger implements Ledger {
  constructor(
    private readonly database: Database,
    private readonly reach: ReachFaultPoint,
  ) {}

  async forStation<T>(station: StationId, work: (ledger: StationLedger) => Promise<T>, group?: TokenGroup): Promise<T> {
    return this.#commit(station, (_tx, ledger) => work(ledger), group);
  }

  async forRequest<T>(
    station: StationId,
    request: { context: AskContext; operation: string },
    work: (ledger: StationLedger) => Promise<T>,
  ): Promise<T> {
    return this.#commit(station, (tx, ledger) => once(tx, { schema, ...request }, () => work(ledger)));
  }

  async #commit<T>(
    station: StationId,
    work: (tx: Transaction, ledger: PostgresStationLedger) => Promise<T>,
    group?: TokenGroup,
  ): Promise<T> {
    const result = await this.database.transaction(async (tx) => {
      // A statement of its own: what comes after must see what the holder before us has committed.
      await tx.execute(locks(station, group));
      const ledger = new PostgresStationLedger(tx, station);
      const answer = await work(tx, ledger);
      await recordFacts(tx, schema, ledger.facts);
      this.reach('after-insert');
      return answer;
    }, writing);
    this.reach('after-commit');
    return result;
  }

  async knownStarts(starts: readonly { station: StationId; startKey: Buffer }[]): Promise<KnownStart[]> {
    const stations = starts.map(({ station }) => station);
    const keys = starts.map(({ startKey }) => startKey.toString('hex'));
    const rows = await this.database.query<{
      station_id: StationId;
      start_key: Buffer;
      start_message_ids: string[];
      active: boolean;
    }>(sql.named('known_starts')`
      select t.station_id, t.start_key, t.start_message_ids, t.state = 'active' as active
        from unnest(${stations}::text[], ${keys}::text[]) as wanted (station_id, start_key)
        join transactions.transaction t
          on t.station_id = wanted.station_id collate "C" and t.start_key = decode(wanted.start_key, 'hex')
       order by t.id desc`);
    return rows.map((row) => ({
      station: row.station_id,
      startKey: row.start_key,
      startMessageIds: row.start_message_ids,
      active: row.active,
    }));
  }

  async probe(): Promise<void> {
    await this.database.transaction(async (tx) => {
      await tx.execute(sql.named('probe')`update transactions.commit_probe set at = now()`);
    }, writing);
  }
}

/** The locks of a transaction, the station's first: Postgres evaluates a select list from left to right. */
function locks(station: StationId, group: TokenGroup | undefined): Sql {
  const ofStation = `busbar.transactions.station.${station}`;
  if (!group) return sql.named('lock_station')`select pg_advisory_xact_lock(hashtextextended(${ofStation}, 0))`;
  const ofGroup = `busbar.transactions.token.${group.tenant}.${group.concurrencyKey}`;
  return sql.named('lock_station_and_token')`
    select pg_advisory_xact_lock(hashtextextended(${ofStation}, 0)),
           pg_advisory_xact_lock(hashtextextended(${ofGroup}, 0))`;
}
