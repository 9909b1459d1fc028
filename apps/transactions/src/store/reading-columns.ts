import { createHash } from 'node:crypto';
import type { StationId, TenantId } from '@busbar/domain';
import type { Reading } from '@busbar/events';
import { type Sql, sql } from '@busbar/persistence';

/** The digest is the reading's own. */
const digestOfValues = 1;
/** The digest also holds the station's text of the time, because that was no time. */
const digestOfValuesAndTime = 2;
/** Where readings go whose time nobody can read: into the default partition, under a key that repeats share. */
const noTime = '-infinity';
/**
 * Between the samples of one row and the next. JSON escapes control characters, so it occurs in no samples; if it did,
 * there would be more samples than rows, which no column allows. An array literal would escape every quote of them,
 * which costs more than all the rest of the row.
 */
const separator = '\u001f';

/**
 * Readings on their way into one INSERT, column by column: the arrays are the statement's parameters as they are,
 * and no object is made per row.
 */
export class ReadingColumns {
  readonly #tenant: string[] = [];
  readonly #station: string[] = [];
  readonly #evse: number[] = [];
  readonly #connector: number[] = [];
  readonly #sampledAt: string[] = [];
  readonly #sampledAtText: (string | null)[] = [];
  readonly #digest: string[] = [];
  readonly #digestVersion: number[] = [];
  readonly #receivedAt: string[] = [];
  readonly #transaction: (string | null)[] = [];
  readonly #context: string[] = [];
  readonly #samples: string[] = [];
  readonly #energyWh: (string | null)[] = [];
  readonly #powerW: (string | null)[] = [];
  readonly #socPercent: (string | null)[] = [];
  readonly #raw: (string | null)[] = [];

  get rows(): number {
    return this.#station.length;
  }

  add(
    tenant: TenantId,
    station: StationId,
    evseId: number,
    connectorId: number,
    ocppTransactionId: string | null,
    receivedAt: string,
    raw: string | null,
    reading: Reading,
  ): void {
    this.#tenant.push(tenant);
    this.#station.push(station);
    this.#evse.push(evseId);
    this.#connector.push(connectorId);
    if (isReadable(reading, receivedAt)) {
      this.#sampledAt.push(reading.sampledAt);
      this.#sampledAtText.push(reading.sampledAtText === reading.sampledAt ? null : reading.sampledAtText);
      this.#digest.push(reading.digest);
      this.#digestVersion.push(digestOfValues);
    } else {
      this.#sampledAt.push(noTime);
      this.#sampledAtText.push(reading.sampledAtText);
      this.#digest.push(digestWithTime(reading));
      this.#digestVersion.push(digestOfValuesAndTime);
    }
    this.#receivedAt.push(receivedAt);
    this.#transaction.push(ocppTransactionId);
    this.#context.push(reading.context);
    this.#samples.push(reading.samples);
    this.#energyWh.push(reading.energyWh);
    this.#powerW.push(reading.powerW);
    this.#socPercent.push(reading.socPercent);
    this.#raw.push(raw);
  }

  /**
   * One statement for all of them. Rows go in by key, always in the same order, because two commits that insert
   * the same rows in different orders deadlock.
   */
  insert(): Sql {
    return sql.named('insert_readings')`
      insert into transactions.reading (tenant_id, station_id, evse_id, connector_id, sampled_at, sampled_at_text,
        digest, digest_version, received_at, ocpp_transaction_id, context, samples, energy_wh, power_w, soc_percent, raw)
      select * from unnest(
        ${this.#tenant}::text[], ${this.#station}::text[], ${this.#evse}::integer[], ${this.#connector}::integer[],
        ${this.#sampledAt}::timestamptz[], ${this.#sampledAtText}::text[], ${this.#digest}::uuid[],
        ${this.#digestVersion}::smallint[], ${this.#receivedAt}::timestamptz[], ${this.#transaction}::text[],
        ${this.#context}::text[], string_to_array(${this.#samples.join(separator)}, ${separator})::json[], ${this.#energyWh}::numeric[], ${this.#powerW}::numeric[],
        ${this.#socPercent}::numeric[], ${this.#raw}::text[]
      ) as r (tenant_id, station_id, evse_id, connector_id, sampled_at, sampled_at_text, digest, digest_version,
        received_at, ocpp_transaction_id, context, samples, energy_wh, power_w, soc_percent, raw)
      order by r.station_id collate "C", r.sampled_at, r.evse_id, r.connector_id, r.digest, r.digest_version
      on conflict do nothing`;
  }
}

/**
 * Whether `sampledAt` is what the station's text says, and not the time of receipt that stands in for nonsense.
 * The substitute is recognised by being the time of receipt while the text, read as a date, is not.
 */
function isReadable(reading: Reading, receivedAt: string): boolean {
  return reading.sampledAt !== receivedAt || Date.parse(reading.sampledAtText) === Date.parse(receivedAt);
}

function digestWithTime(reading: Reading): string {
  return createHash('sha256').update(`${reading.digest} ${reading.sampledAtText}`).digest('hex').slice(0, 32);
}
