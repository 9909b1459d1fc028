import type { CommandId, GatewayId, StationId } from '@busbar/domain';
import { type Database, sql } from '@busbar/persistence';
import type { QueueStore, ReadyConnection } from '../domain/queue-store.js';

/** The queue in Postgres: every statement is bounded, served by a partial index, and passes over locked rows. */
export class PostgresQueueStore implements QueueStore {
  constructor(private readonly database: Database) {}

  async expired(now: Date, max: number): Promise<CommandId[]> {
    const rows = await this.database.query<{ id: CommandId }>(sql.named('queue_expired')`
      select id from commands.command where state = 'queued' and send_by <= ${now} order by send_by limit ${max}`);
    return rows.map(({ id }) => id);
  }

  async takeSilent(now: Date, until: Date, max: number): Promise<CommandId[]> {
    const rows = await this.database.query<{ id: CommandId }>(sql.named('queue_take_silent')`
      update commands.command set settle_by = ${until}, revision = revision + 1 where id = any(array(
        select id from commands.command where state in ('sending', 'sent') and settle_by <= ${now}
         order by settle_by limit ${max} for update skip locked))
      returning id`);
    return rows.map(({ id }) => id);
  }

  async takeDue(now: Date, until: Date, max: number): Promise<StationId[]> {
    const rows = await this.database.query<{ station: StationId }>(sql.named('queue_take_due')`
      update commands.command set not_before = ${until}, revision = revision + 1 where id = any(array(
        select id from commands.command where state = 'queued' and not_before <= ${now}
         order by not_before limit ${max} for update skip locked))
      returning station`);
    return [...new Set(rows.map(({ station }) => station))];
  }

  async busyGateways(max: number): Promise<GatewayId[]> {
    const rows = await this.database.query<{ gateway: GatewayId }>(sql.named('queue_busy_gateways')`
      select distinct gateway from commands.command
       where state in ('sending', 'sent') and gateway is not null limit ${max}`);
    return rows.map(({ gateway }) => gateway);
  }

  async inFlightTo(gateway: GatewayId, max: number): Promise<CommandId[]> {
    const rows = await this.database.query<{ id: CommandId }>(sql`
      select id from commands.command
       where state in ('sending', 'sent') and gateway = ${gateway} limit ${max} for update skip locked`);
    return rows.map(({ id }) => id);
  }

  async inFlightBefore(connections: readonly ReadyConnection[], sendingBefore: Date): Promise<CommandId[]> {
    const stations = connections.map(({ station }) => station);
    const epochs = connections.map(({ epoch }) => epoch);
    const rows = await this.database.query<{ id: CommandId }>(sql.named('queue_in_flight_before')`
      select c.id from unnest(${stations}::text[], ${epochs}::bigint[]) as ready (station, epoch)
        join commands.command c on c.station = ready.station and c.epoch < ready.epoch
       where c.state = 'sent' or (c.state = 'sending' and (c.timeline -> -1 ->> 'at')::timestamptz < ${sendingBefore})`);
    return rows.map(({ id }) => id);
  }

  async withQueue(stations: readonly StationId[]): Promise<StationId[]> {
    const rows = await this.database.query<{ station: StationId }>(sql.named('queue_with_queue')`
      select distinct station from commands.command where station = any(${stations}) and state = 'queued'`);
    return rows.map(({ station }) => station);
  }

  async purge(endedBefore: Date, max: number): Promise<number> {
    return this.database.execute(sql`
      delete from commands.command where id = any(array(
        select id from commands.command where state = 'ended' and ended_at < ${endedBefore} limit ${max}))`);
  }

  async probe(): Promise<void> {
    // Writes to the log and nowhere else, so that this commit waits for the disk like any other.
    await this.database.query(sql`select pg_logical_emit_message(true, 'busbar', '')`);
  }
}
