import { foldIdToken, isId, type StationId, type TenantId } from '@busbar/domain';
import {
  type AskContext,
  type CaseKind,
  type CaseView,
  idOfCursor,
  type MeterValueView,
  type Page,
  type PageRequest,
  ProblemError,
  pageLimitMax,
  pageOf,
  type TransactionFlag,
  type TransactionView,
} from '@busbar/events';
import { caseViewOf } from './case-view.js';
import type { StationIdentities } from './judging.js';
import { meterValuesOf } from './meter-values.js';
import { caseUnknown, transactionUnknown } from './persons-book.js';
import type { ReadTransaction, TransactionFilter, TransactionReader } from './reader.js';
import { viewOf } from './transaction-view.js';

export interface ListRequest extends PageRequest {
  station?: string;
  idToken?: string;
  state?: 'active' | 'ended';
  from?: string;
  to?: string;
  flag?: TransactionFlag;
}

export interface CasesRequest extends PageRequest {
  kind?: CaseKind;
  station?: string;
  state?: 'open' | 'resolved';
}

/** The stations of an identity, for filters: one today, and those that had it before they were deleted. */
export interface StationsByIdentity {
  /** Never rejects: what cannot be asked now is answered from what is known here. */
  named(tenant: TenantId, identity: string): Promise<StationId[]>;
}

/** Samples take about 2 KB as JSON, and a message on the bus takes a few megabytes. */
const readingsPerPage = 2_000;

/** What is shown of transactions and cases, always of the tenant that asks. */
export class Queries {
  constructor(
    private readonly reader: TransactionReader,
    private readonly identities: StationIdentities,
    private readonly stations: StationsByIdentity,
  ) {}

  async list(request: ListRequest, { tenant }: AskContext): Promise<Page<TransactionView>> {
    const limit = limitOf(request);
    const filter: TransactionFilter = {
      ...(await this.stationFilter(tenant, request.station)),
      ...(request.idToken === undefined ? {} : { idTokenFolded: foldIdToken(request.idToken) }),
      ...(request.state === undefined ? {} : { state: request.state }),
      ...(request.from === undefined ? {} : { from: instantOf(request.from, '/from') }),
      ...(request.to === undefined ? {} : { to: instantOf(request.to, '/to') }),
      ...(request.flag === undefined ? {} : { flag: request.flag }),
    };
    const rows = await this.reader.transactions(tenant, filter, idOfCursor(request.cursor), limit + 1);
    const names = await this.namesOf(
      tenant,
      rows.map(({ record }) => record.station),
    );
    return pageOf(
      rows,
      limit,
      ({ record }) => record.id,
      ({ record, registerWh }) => viewOf(record, names.get(record.station), registerWh),
    );
  }

  async get(id: string, { tenant }: AskContext): Promise<TransactionView> {
    const { record, registerWh } = await this.found(tenant, id);
    const names = await this.namesOf(tenant, [record.station]);
    return viewOf(record, names.get(record.station), registerWh);
  }

  async reference(id: string, { tenant }: AskContext) {
    const { record } = await this.found(tenant, id);
    const state: 'active' | 'ended' = record.stop ? 'ended' : 'active';
    const { station, evseId, ocppTransactionId } = record;
    return { id: record.id, station, evseId, ocppTransactionId, state };
  }

  /** The running transaction of each connector. */
  async openByStation(station: StationId, { tenant }: AskContext) {
    const running = await this.reader.running(tenant, station);
    const newest = new Map(running.toReversed().map((one) => [one.evseId, one]));
    return { items: [...newest.values()] };
  }

  /** A page of meter values; whole instants only, so that no value is shown twice across pages. */
  async meterValues(
    request: { id: string; cursor?: string },
    { tenant }: AskContext,
  ): Promise<{ items: MeterValueView[]; nextCursor?: string }> {
    const { record } = await this.found(tenant, request.id);
    const after = request.cursor === undefined ? null : instantOf(request.cursor, '/cursor');
    const { readings, more } = await this.reader.readings(tenant, record, after, readingsPerPage);
    const last = more ? readings.at(-1) : undefined;
    return { items: meterValuesOf(readings), ...(last ? { nextCursor: last.sampledAt.toISOString() } : {}) };
  }

  async cases(request: CasesRequest, { tenant }: AskContext): Promise<Page<CaseView>> {
    const limit = limitOf(request);
    const filter = {
      ...(await this.stationFilter(tenant, request.station)),
      ...(request.kind === undefined ? {} : { kind: request.kind }),
      ...(request.state === undefined ? {} : { state: request.state }),
    };
    const rows = await this.reader.cases(tenant, filter, idOfCursor(request.cursor), limit + 1);
    const names = await this.namesOf(
      tenant,
      rows.map(({ station }) => station),
    );
    return pageOf(
      rows,
      limit,
      ({ id }) => id,
      (row) => caseViewOf(row, names.get(row.station)),
    );
  }

  async getCase(id: string, { tenant }: AskContext): Promise<CaseView> {
    const found = isId(id) ? await this.reader.case(tenant, id) : undefined;
    if (!found) throw caseUnknown();
    const names = await this.namesOf(tenant, [found.station]);
    return caseViewOf(found, names.get(found.station));
  }

  /** Which station a case or a transaction belongs to: whoever changes it must lock that first. */
  async stationOfCase(id: string, { tenant }: AskContext): Promise<StationId> {
    const found = isId(id) ? await this.reader.case(tenant, id) : undefined;
    if (!found) throw caseUnknown();
    return found.station;
  }

  async stationOf(id: string, { tenant }: AskContext): Promise<StationId> {
    return (await this.found(tenant, id)).record.station;
  }

  async identityOf(station: StationId, { tenant }: AskContext): Promise<string | undefined> {
    return (await this.namesOf(tenant, [station])).get(station);
  }

  private async found(tenant: TenantId, id: string): Promise<ReadTransaction> {
    const found = isId(id) ? await this.reader.transaction(tenant, id) : undefined;
    if (!found) throw transactionUnknown();
    return found;
  }

  private async stationFilter(tenant: TenantId, identity: string | undefined): Promise<{ stations?: StationId[] }> {
    return identity === undefined ? {} : { stations: await this.stations.named(tenant, identity) };
  }

  private namesOf(tenant: TenantId, stations: readonly StationId[]): Promise<ReadonlyMap<StationId, string>> {
    return this.identities.of(tenant, [...new Set(stations)]);
  }
}

function limitOf({ limit }: PageRequest): number {
  return Math.max(1, Math.min(limit, pageLimitMax));
}

function instantOf(text: string, pointer: string): Date {
  const instant = new Date(text);
  if (!Number.isNaN(instant.getTime())) return instant;
  const errors = [{ pointer, detail: 'must be an RFC 3339 instant' }];
  throw new ProblemError({ status: 422, code: 'instant-invalid', detail: 'An instant cannot be read.', errors });
}
