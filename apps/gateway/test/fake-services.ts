import type { StationId, TenantId } from '@busbar/domain';
import {
  type Ask,
  type AskReply,
  type AuthenticateReply,
  type AuthenticateRequest,
  type ConnectAttempt,
  type ConnectResult,
  type Receipt,
  type ReceiptBatch,
  type Report,
  type ReportBatch,
  type ReportService,
  type ReportType,
  type StationSession,
  stationOperations,
} from '@busbar/events';
import type { Bus, Served } from '@busbar/messaging';

export const key = '0123456789abcdef';
const services: readonly ReportService[] = ['stations', 'authorization', 'transactions', 'commands'];

/** What a batch meets: a receipt for each report, or no reply at all. */
export type BatchHandler = (batch: ReportBatch, service: ReportService) => Promise<Receipt[] | 'silence'>;

/** All services at once, behind the bus: they know some stations, remember every report and answer as told. */
export class FakeServices {
  readonly reports: Report[] = [];
  readonly batches: { service: ReportService; size: number }[] = [];
  readonly attempts: ConnectAttempt[] = [];
  readonly asked: number[] = [];
  onBatch: BatchHandler = async (batch) => batch.reports.map((report) => this.receipt(report));
  /** Until it resolves nobody is told who a station is. */
  authenticating: Promise<void> = Promise.resolve();
  readonly #sessions = new Map<string, StationSession>();
  readonly #served: Served[] = [];
  #transactions = 0;

  constructor(private readonly bus: Bus) {
    for (const service of services) {
      this.#served.push(
        bus.serve<ReportBatch>(bus.subjects.reports(service), (batch) => this.#batch(batch, service), {
          queue: service,
          concurrencyMax: 1000,
        }),
      );
    }
    this.#served.push(
      bus.serve<Ask<AuthenticateRequest>>(
        bus.subjects.ask(stationOperations.authenticate.name),
        (ask) => this.#authenticate(ask),
        { queue: 'stations', concurrencyMax: 1000 },
      ),
    );
  }

  /** Makes a station known. Accepted long ago unless told otherwise. */
  know(identity: string, session: Partial<StationSession> = {}): StationSession {
    const known: StationSession = {
      tenant: 'default' as TenantId,
      station: Buffer.from(identity).toString('hex').slice(0, 40) as StationId,
      identity,
      registration: 'accepted',
      everAccepted: true,
      securityProfile: 1,
      heartbeatIntervalSeconds: 300,
      strict: false,
      assumeProtocol: null,
      watchedUntil: null,
      ...session,
    };
    this.#sessions.set(identity, known);
    return known;
  }

  /** The reports of a type, of one station or of all. */
  of<T extends ReportType>(type: T, station?: StationId): Report<T>[] {
    return this.reports.filter(
      (report): report is Report<T> => report.type === type && (station === undefined || report.station === station),
    );
  }

  /** What a service that is well answers. */
  receipt(report: Report): Receipt {
    switch (report.type) {
      case 'station.booted':
        return { answer: { status: 'accepted', intervalSeconds: 300 } };
      case 'transaction.started':
        this.#transactions += 1;
        return { answer: { ocppTransactionId: this.#transactions, idTokenInfo: { status: 'Accepted' } } };
      case 'authorization.requested':
        return { answer: { idTokenInfo: { status: 'Accepted' } } };
      case 'vendor.dataReceived':
        return { answer: { status: 'Accepted' } };
      default:
        return { answer: {} };
    }
  }

  async stop(): Promise<void> {
    await Promise.all(this.#served.map((served) => served.stop()));
  }

  async #batch(batch: ReportBatch, service: ReportService): Promise<ReceiptBatch> {
    this.batches.push({ service, size: batch.reports.length });
    this.reports.push(...batch.reports);
    const receipts = await this.onBatch(batch, service);
    if (receipts === 'silence') return new Promise(() => undefined);
    return { batch: batch.id, receipts };
  }

  async #authenticate({ request }: Ask<AuthenticateRequest>): Promise<AskReply<AuthenticateReply>> {
    this.asked.push(request.attempts.length);
    this.attempts.push(...request.attempts);
    await this.authenticating;
    return { answer: { results: request.attempts.map((attempt) => this.#judge(attempt)) } };
  }

  #judge({ identity, basic }: ConnectAttempt): ConnectResult {
    const session = this.#sessions.get(identity);
    if (session === undefined) return { outcome: 'refused', reason: 'unknown-station' };
    const expected = Buffer.from(`${identity}:${key}`).toString('base64');
    if (basic !== expected) return { outcome: 'refused', reason: 'wrong-key' };
    return { outcome: 'accepted', session: { ...session } };
  }
}
