import type { Clock, GatewayId, IdSource } from '@busbar/domain';
import {
  type Deviation,
  type Report,
  type ReportData,
  type ReportService,
  type ReportType,
  reportService,
  type ToleratedNotice,
} from '@busbar/events';
import type { LiftedReport } from '@busbar/ocpp';
import type { Connection, PendingCall } from '../connection/connection.js';
import type { Stamp } from '../stamp.js';
import { answerWithinMs, consequenceOf } from './delivery.js';
import type { ReportBatcher } from './report-batcher.js';

/** What a report takes beside the station's own text. */
const envelopeBytes = 600;
/** Raw text, samples as text within text: how much a frame grows on its way. */
const growth = 3;

/** Makes reports and hands them to the batcher of the service that answers them. */
export class Reporter {
  constructor(
    private readonly gateway: GatewayId,
    private readonly batchers: Readonly<Record<ReportService, ReportBatcher>>,
    private readonly clock: Clock,
    private readonly stamp: Stamp,
    private readonly ids: IdSource,
    /** Told of deviations in what services other than stations answer. Must not throw. */
    private readonly tolerated: (notice: ToleratedNotice) => void,
  ) {}

  /** What a station said; it waits for the answer. */
  station(connection: Connection, call: PendingCall, lifted: LiftedReport): void {
    const { type } = lifted;
    const report: Report = {
      ...this.#envelope(connection, type, call.frame.action, call.frame.messageId),
      ...lifted,
      receivedAt: call.receivedAt,
    };
    const service = reportService[type];
    if (lifted.deviations !== undefined && service !== 'stations') this.#notice(report, lifted.deviations);
    this.batchers[service].add({
      report,
      bytes: call.bytes * growth + envelopeBytes,
      answerBy: call.receivedMs + answerWithinMs[consequenceOf(type)],
      waiter: { connection, call },
      repeats: 0,
      done: false,
    });
  }

  /** What the gateway reports by itself; no station waits. Sent for up to a minute, then given up. */
  own<T extends ReportType>(
    connection: Connection,
    type: T,
    data: ReportData[T],
    about: { action: string; messageId: string } = { action: '', messageId: '' },
  ): void {
    const now = this.stamp.text();
    const report: Report = {
      ...this.#envelope(connection, type, about.action, about.messageId),
      type,
      occurredAt: now,
      receivedAt: now,
      data,
    };
    this.batchers[reportService[type]].add({
      report,
      bytes: envelopeBytes,
      answerBy: this.clock.monotonicMs() + answerWithinMs.background,
      waiter: null,
      repeats: 0,
      done: false,
    });
  }

  #notice({ tenant, station, source, receivedAt }: Report, deviations: Deviation[]): void {
    this.tolerated({ tenant, station, action: source.action, at: receivedAt, deviations });
  }

  #envelope(connection: Connection, type: ReportType, action: string, messageId: string) {
    return {
      id: this.ids.next<'report'>(),
      type,
      schema: 1 as const,
      tenant: connection.session.tenant,
      station: connection.session.station,
      source: {
        version: connection.version,
        transport: 'ws' as const,
        action,
        messageId,
        gateway: this.gateway,
        epoch: connection.epoch,
        seq: connection.nextSeq(),
      },
    };
  }
}
