import type { ChargingState, ConnectorState, StationId, TenantId } from '@busbar/domain';
import { storableText } from '@busbar/domain';
import type { ConnectorView, DeviationView, VariableView } from '@busbar/events';
import { type Database, readAsTenant, sql } from '@busbar/persistence';
import { isSecretVariable, maskedValue } from '../domain/settings/secret-variable.js';
import type { ReportedVariables, StationDetails } from '../domain/station-store.js';

const keyMax = 255;
const valueMax = 2_500;
const variablesMax = 2_000;
const deviationsMax = 500;

interface VariableRow {
  key: string;
  value: string | null;
  readonly: boolean | null;
  unknown: boolean;
  reported_at: Date;
}

/** Connectors, configuration and deviations in Postgres. */
export class PostgresStationDetails implements StationDetails {
  constructor(private readonly database: Database) {}

  async connectors(tenant: TenantId, station: StationId): Promise<ConnectorView[]> {
    const rows = await readAsTenant(this.database, 'stations', tenant, (tx) =>
      tx.query<{
        evse_id: number;
        connector_id: number;
        status: string;
        connector_state: string;
        charging_state: string;
        error_code: string;
        info: string | null;
        vendor_error_code: string | null;
        since: Date;
      }>(sql`
        select evse_id, connector_id, status, connector_state, charging_state, error_code, info, vendor_error_code, since
        from stations.connector where tenant_id = ${tenant} and station_id = ${station}
        order by evse_id, connector_id`),
    );
    return rows.map((row) => ({
      evseId: row.evse_id,
      connectorId: row.connector_id,
      status: row.status,
      connectorState: row.connector_state as ConnectorState,
      chargingState: row.charging_state as ChargingState,
      errorCode: row.error_code,
      info: row.info,
      vendorErrorCode: row.vendor_error_code,
      since: row.since.toISOString(),
      transactionId: null,
    }));
  }

  async configuration(
    tenant: TenantId,
    station: StationId,
  ): Promise<{ variables: VariableView[]; unknownKeys: string[] }> {
    const rows = await readAsTenant(this.database, 'stations', tenant, (tx) =>
      tx.query<VariableRow>(sql`
        select key, value, readonly, unknown, reported_at from stations.variable
        where tenant_id = ${tenant} and station_id = ${station} order by key_folded`),
    );
    const variables = rows.filter((row) => !row.unknown).map(variableView);
    return { variables, unknownKeys: rows.filter((row) => row.unknown).map((row) => row.key) };
  }

  async keepVariables(tenant: TenantId, station: StationId, reported: ReportedVariables): Promise<void> {
    const rows = rowsOf(reported);
    if (rows.length === 0) return;
    await this.database.transaction(async (tx) => {
      await tx.query(sql`select station_id from stations.presence where station_id = ${station} for update`);
      await tx.execute(sql`
        insert into stations.variable as known
          (station_id, tenant_id, key_folded, key, value, readonly, unknown, reported_at)
        select s.id, s.tenant_id, n.folded, n.key, n.value, n.readonly, n.unknown, ${reported.at}
        from stations.station s, unnest(
          ${rows.map((row) => row.folded)}::text[], ${rows.map((row) => row.key)}::text[],
          ${rows.map((row) => row.value)}::text[], ${rows.map((row) => row.readonly)}::boolean[],
          ${rows.map((row) => row.unknown)}::boolean[]
        ) with ordinality as n (folded, key, value, readonly, unknown, place)
        where s.id = ${station} and s.tenant_id = ${tenant} and s.deleted_at is null
          and (n.place + (select count(*) from stations.variable v where v.station_id = s.id) <= ${variablesMax}
            or exists (select from stations.variable v where v.station_id = s.id and v.key_folded = n.folded))
        on conflict (station_id, key_folded) do update set
          key = excluded.key, value = excluded.value, readonly = excluded.readonly, unknown = excluded.unknown,
          reported_at = excluded.reported_at
        where known.reported_at <= excluded.reported_at`);
    });
  }

  async deviations(tenant: TenantId, station: StationId): Promise<DeviationView[]> {
    const rows = await readAsTenant(this.database, 'stations', tenant, (tx) =>
      tx.query<{ rule: string; count: number; first_at: Date; last_at: Date; example: string }>(sql`
        select rule, count, first_at, last_at, example from stations.deviation
        where tenant_id = ${tenant} and station_id = ${station} order by last_at desc, rule limit ${deviationsMax}`),
    );
    return rows.map((row) => ({
      rule: row.rule,
      count: row.count,
      firstAt: row.first_at.toISOString(),
      lastAt: row.last_at.toISOString(),
      example: row.example,
    }));
  }
}

function variableView(row: VariableRow): VariableView {
  return {
    key: row.key,
    value: isSecretVariable(row.key) ? maskedValue : row.value,
    readonly: row.readonly,
    reportedAt: row.reported_at.toISOString(),
    desired: null,
    desiredState: null,
  };
}

interface KeptVariable {
  folded: string;
  key: string;
  value: string | null;
  readonly: boolean | null;
  unknown: boolean;
}

/** One row per key, the last mention of it, in the order of the keys. */
function rowsOf({ variables, unknownKeys }: ReportedVariables): KeptVariable[] {
  const rows = new Map<string, KeptVariable>();
  for (const name of unknownKeys.slice(0, variablesMax)) {
    const key = storableText(name, keyMax);
    rows.set(key.toLowerCase(), { folded: key.toLowerCase(), key, value: null, readonly: null, unknown: true });
  }
  for (const variable of variables.slice(0, variablesMax)) {
    const key = storableText(variable.key, keyMax);
    const secret = isSecretVariable(key) || variable.value === undefined;
    const value = secret ? null : storableText(variable.value ?? '', valueMax);
    const folded = key.toLowerCase();
    rows.set(folded, { folded, key, value, readonly: variable.readonly ?? null, unknown: false });
  }
  return [...rows.values()].sort((left, right) => (left.folded < right.folded ? -1 : 1));
}
