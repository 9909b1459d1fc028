import type { Directory } from '@busbar/directory';
import { defaultTenant, type GatewayId, type StationId, TimeOrderedIds } from '@busbar/domain';
import type {
  CallEnding,
  CallReply,
  CallRequest,
  FenceRequest,
  Receipt,
  ReceiptBatch,
  Report,
  ReportData,
  ReportType,
  WhoHoldsRequest,
} from '@busbar/events';
import type { Bus, Served } from '@busbar/messaging';

const ids = new TimeOrderedIds();
const renewMs = 400;

/** What a gateway does with a CALL of the right epoch. */
export type Reaction = (call: CallRequest) => Promise<CallReply> | CallReply;

export function accepted(payload: Record<string, unknown> = { status: 'Accepted' }): CallReply {
  return wrote({ kind: 'result', payload });
}

export function wrote(ending: CallEnding): CallReply {
  const now = new Date().toISOString();
  return { written: true, sentAt: now, endedAt: now, ending };
}

/** A reply that never comes. */
export function silence(): Promise<CallReply> {
  return new Promise(() => undefined);
}

/** A gateway as the bus and the directory see it: it holds stations and answers, without a socket behind it. */
export class FakeGateway {
  readonly id: GatewayId = ids.next<'gateway'>();
  /** Every request that reached it, also those that it refused. */
  readonly received: CallRequest[] = [];
  /** Those that it wrote to the station. */
  readonly wire: CallRequest[] = [];
  reaction: Reaction = () => accepted();
  readonly #held = new Map<StationId, number>();
  #served: Served[] = [];
  #seq = 0;
  #renewing: NodeJS.Timeout | undefined;

  constructor(
    private readonly bus: Bus,
    private readonly directory: Directory,
  ) {}

  async start(): Promise<void> {
    const { subjects } = this.bus;
    this.#served = [
      this.bus.serve<CallRequest>(subjects.gatewayCall(this.id), (call) => this.#call(call), { concurrencyMax: 2_000 }),
      this.bus.serve<FenceRequest>(subjects.gatewayFence(this.id), async ({ station, epoch }) => {
        const fenced = (this.#held.get(station) ?? Number.POSITIVE_INFINITY) < epoch;
        if (fenced) this.#held.delete(station);
        return { fenced };
      }),
      this.bus.serve<WhoHoldsRequest>(subjects.whoHolds(), ({ station }) => this.#holds(station), {
        failed: () => undefined,
      }),
    ];
    await this.bus.connection.flush();
    await this.directory.renewLease(this.id);
    this.#renewing = setInterval(() => void this.directory.renewLease(this.id), renewMs);
  }

  /** The directory forgets that this gateway lives; it lives on. */
  async loseLease(): Promise<void> {
    clearInterval(this.#renewing);
    await this.directory.endLease(this.id);
  }

  /** A station connects here: the directory learns of it, and it may be sent CALLs. Returns the epoch. */
  async connect(station: StationId): Promise<number> {
    const { epoch } = await this.directory.claim(station, this.id, 1);
    this.#held.set(station, epoch);
    return epoch;
  }

  /** A station connects here while the directory is away or does not hear of it. */
  holdQuietly(station: StationId, epoch: number): void {
    this.#held.set(station, epoch);
  }

  /** The connection is gone, and the directory has not heard of it. */
  forget(station: StationId): void {
    this.#held.delete(station);
  }

  /** SIGKILL: nothing is answered any more, the lease runs out by itself. */
  async die(): Promise<void> {
    clearInterval(this.#renewing);
    for (const served of this.#served) void served.stop();
    await this.bus.connection.flush();
  }

  /** Reports to the commands service as a gateway does, and gives the receipts. */
  async report(...reports: Report[]): Promise<Receipt[]> {
    const batch = { id: ids.next<'batch'>(), gateway: this.id, reports };
    const subject = this.bus.subjects.reports('commands');
    return (await this.bus.request<ReceiptBatch>(subject, batch, { timeoutMs: 10_000 })).receipts;
  }

  reportOf<T extends ReportType>(type: T, station: StationId, data: ReportData[T]): Report<T> {
    const now = new Date().toISOString();
    this.#seq += 1;
    return {
      id: ids.next<'report'>(),
      type,
      schema: 1,
      tenant: defaultTenant,
      station,
      occurredAt: now,
      receivedAt: now,
      source: {
        version: '1.6',
        transport: 'ws',
        action: '',
        messageId: '',
        gateway: this.id,
        epoch: this.#held.get(station) ?? 0,
        seq: this.#seq,
      },
      data,
    };
  }

  ready(station: StationId): Promise<Receipt[]> {
    return this.report(this.reportOf('station.ready', station, { version: '1.6' }));
  }

  writtenReport(call: CallRequest): Promise<Receipt[]> {
    const { command, messageId, station } = call;
    return this.report(this.reportOf('call.written', station, { command, messageId }));
  }

  endedReport(call: CallRequest, ending: CallEnding, late = false): Promise<Receipt[]> {
    const { command, messageId, station } = call;
    return this.report(this.reportOf('call.ended', station, { command, messageId, ending, late }));
  }

  async #call(call: CallRequest): Promise<CallReply> {
    this.received.push(call);
    const epoch = this.#held.get(call.station);
    if (epoch === undefined) return { written: false, reason: 'not-connected' };
    if (epoch !== call.epoch) return { written: false, reason: 'stale-route' };
    if (new Date(call.sendBy) <= new Date()) return { written: false, reason: 'too-late' };
    const reaction = this.reaction(call);
    const reply = reaction instanceof Promise ? undefined : reaction;
    // A reply that is still to come is one of a CALL that is on the wire.
    if (reply === undefined || reply.written) this.wire.push(call);
    return reaction;
  }

  async #holds(station: StationId): Promise<object> {
    const epoch = this.#held.get(station);
    if (epoch === undefined) throw new Error('not held here');
    return { gateway: this.id, epoch };
  }
}
