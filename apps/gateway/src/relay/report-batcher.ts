import type { Clock, GatewayId, IdSource } from '@busbar/domain';
import type { ReceiptBatch, Report, ReportBatch, ReportService } from '@busbar/events';
import { BusError } from '@busbar/messaging';
import type { Logger } from '@busbar/observability';
import type { GatewayMetrics } from '../metrics.js';
import type { CommitPath } from './commit-path.js';
import type { Delivery, DeliveryListener } from './delivery.js';

export interface BatchLimits {
  reportsMax: number;
  bytesMax: number;
  /** How long the first report of a batch waits for others while an earlier batch is on its way. */
  waitMs: number;
  inFlightMax: number;
  timeoutMs: number;
}

export const batchLimits: BatchLimits = {
  reportsMax: 200,
  bytesMax: 256 * 1024,
  waitMs: 2,
  inFlightMax: 4,
  timeoutMs: 2000,
};

/** After a failure that came at once, so that an absent service is not asked thousands of times a second. */
const pauseMs = 250;
const againMsMax = 1000;
/** Reports that no station waits for; beyond this the newest are dropped. */
const backgroundMax = 20_000;

export type Ask = (service: ReportService, batch: ReportBatch, timeoutMs: number) => Promise<ReceiptBatch>;

interface Batch {
  readonly id: string;
  deliveries: Delivery[];
}

/**
 * Carries reports to one service and their receipts back. Reports travel in batches; while some batches are on
 * their way the next one collects. The gateway owns the retry: a batch without a reply is sent again, to whichever
 * replica takes it, until each of its reports is answered or has run out of time. At least once, in no order.
 */
export class ReportBatcher {
  #pending: Delivery[] = [];
  #pendingBytes = 0;
  #again: { delivery: Delivery; dueAt: number }[] = [];
  readonly #inFlight = new Set<Batch>();
  #outstanding = 0;
  #background = 0;
  #bytesMax: number;
  #timer: NodeJS.Timeout | null = null;
  #immediate: NodeJS.Immediate | null = null;

  constructor(
    private readonly service: ReportService,
    private readonly gateway: GatewayId,
    private readonly ask: Ask,
    private readonly listener: DeliveryListener,
    private readonly commitPath: CommitPath,
    private readonly clock: Clock,
    private readonly ids: IdSource,
    private readonly metrics: GatewayMetrics,
    private readonly logger: Logger,
    private readonly limits: BatchLimits = batchLimits,
  ) {
    this.#bytesMax = limits.bytesMax;
  }

  /** Reports that are neither answered nor given up. */
  get outstanding(): number {
    return this.#outstanding;
  }

  add(delivery: Delivery): void {
    if (delivery.waiter === null) {
      if (this.#background >= backgroundMax) {
        this.metrics.droppedReport(this.service, 'nobody-waited');
        return;
      }
      this.#background += 1;
    }
    this.#outstanding += 1;
    this.#push(delivery);
    this.#schedule();
  }

  /** Ten times a second: gives up what has run out of time, and takes up again what a service put off. */
  tick(nowMs: number): void {
    if (this.#outstanding === 0) return;
    this.#expire(this.#pending, nowMs);
    for (const batch of this.#inFlight) this.#expire(batch.deliveries, nowMs);
    if (this.#again.length === 0) return;
    for (const { delivery } of this.#again) this.#expireOne(delivery, nowMs);
    const due = this.#again.filter((entry) => entry.dueAt <= nowMs);
    if (due.length === 0) return;
    this.#again = this.#again.filter((entry) => entry.dueAt > nowMs);
    for (const { delivery } of due) if (!delivery.done) this.#push(delivery);
    this.#schedule();
  }

  close(): void {
    if (this.#timer) clearTimeout(this.#timer);
    if (this.#immediate) clearImmediate(this.#immediate);
    this.#pending = [];
    this.#again = [];
  }

  #push(delivery: Delivery): void {
    this.#pending.push(delivery);
    this.#pendingBytes += delivery.bytes;
  }

  /** With nothing on its way, a batch leaves at the end of this turn of the loop; otherwise it collects a little. */
  #schedule(): void {
    if (this.#pending.length === 0 || this.#inFlight.size >= this.limits.inFlightMax) return;
    if (this.#pending.length >= this.limits.reportsMax || this.#pendingBytes >= this.#bytesMax) this.#flush();
    else if (this.#inFlight.size === 0) this.#immediate ??= setImmediate(this.#flush);
    else this.#timer ??= setTimeout(this.#flush, this.limits.waitMs);
  }

  readonly #flush = (): void => {
    if (this.#timer) clearTimeout(this.#timer);
    if (this.#immediate) clearImmediate(this.#immediate);
    this.#timer = null;
    this.#immediate = null;
    while (this.#inFlight.size < this.limits.inFlightMax) {
      const deliveries = this.#take();
      if (deliveries.length === 0) return;
      const batch = { id: this.ids.next(), deliveries };
      this.#inFlight.add(batch);
      void this.#carry(batch);
      if (this.#pending.length < this.limits.reportsMax && this.#pendingBytes < this.#bytesMax) break;
    }
    this.#schedule();
  };

  /** The oldest that fit one batch; one that fits none travels alone. */
  #take(): Delivery[] {
    const taken: Delivery[] = [];
    let bytes = 0;
    let at = 0;
    for (; at < this.#pending.length && taken.length < this.limits.reportsMax; at += 1) {
      const delivery = this.#pending[at];
      if (delivery === undefined) break;
      if (!delivery.done) {
        if (taken.length > 0 && bytes + delivery.bytes > this.#bytesMax) break;
        taken.push(delivery);
        bytes += delivery.bytes;
      }
      this.#pendingBytes -= delivery.bytes;
    }
    this.#pending.splice(0, at);
    return taken;
  }

  /** Sends until the batch is answered or nobody waits for any of it. Never rejects. */
  async #carry(batch: Batch): Promise<void> {
    while (batch.deliveries.length > 0) {
      const sentAt = this.clock.monotonicMs();
      const size = batch.deliveries.length;
      try {
        const reply = await this.ask(this.service, this.#message(batch), this.limits.timeoutMs);
        const now = this.clock.monotonicMs();
        this.metrics.batch(this.service, 'answered', size, (now - sentAt) / 1000);
        this.#settle(batch, reply, now);
        break;
      } catch (error) {
        const code = error instanceof BusError ? error.code : 'failed';
        this.metrics.batch(this.service, code, size, 0);
        if (code === 'too-large') {
          this.#split(batch);
          break;
        }
        if (code === 'closed') break;
        await this.#pause(code, error, sentAt);
        batch.deliveries = batch.deliveries.filter((delivery) => !delivery.done);
      }
    }
    this.#inFlight.delete(batch);
    this.#schedule();
  }

  #message(batch: Batch): ReportBatch {
    const reports: Report[] = batch.deliveries.map((delivery) => delivery.report);
    return { id: batch.id, gateway: this.gateway, reports };
  }

  #settle(batch: Batch, reply: ReceiptBatch, now: number): void {
    const { receipts } = reply;
    if (!Array.isArray(receipts) || receipts.length !== batch.deliveries.length) {
      throw new BusError('bad-message', `${this.service} gave ${receipts?.length} receipts`, { maybeSent: true });
    }
    let committed = false;
    for (const [at, delivery] of batch.deliveries.entries()) {
      const receipt = receipts[at];
      if (receipt === undefined || 'again' in receipt) {
        this.#putOff(delivery, now);
        continue;
      }
      committed = true;
      if (delivery.done) continue;
      this.#finish(delivery);
      this.listener.answered(delivery, receipt, now);
    }
    if (committed) this.commitPath.receipt(now);
  }

  #putOff(delivery: Delivery, now: number): void {
    if (delivery.done) return;
    delivery.repeats += 1;
    const waitMs = Math.min(againMsMax, 50 * 2 ** delivery.repeats);
    this.#again.push({ delivery, dueAt: now + waitMs });
  }

  /** The server takes less than we thought, for good: smaller batches from now on. */
  #split(batch: Batch): void {
    const [only, second] = batch.deliveries;
    if (only !== undefined && second === undefined) {
      this.logger.error({ service: this.service, report: only.report.id }, 'a report is too large for the bus');
      this.#expireOne(only, Number.POSITIVE_INFINITY);
      return;
    }
    this.#bytesMax = Math.max(16 * 1024, Math.floor(this.#bytesMax / 2));
    this.logger.warn({ service: this.service, bytesMax: this.#bytesMax }, 'batches are made smaller for the bus');
    for (const delivery of batch.deliveries) this.#again.push({ delivery, dueAt: 0 });
  }

  async #pause(code: string, error: unknown, sentAt: number): Promise<void> {
    const level = code === 'failed' ? 'error' : 'debug';
    this.logger[level]({ err: error, service: this.service }, 'a batch was not answered');
    if (this.clock.monotonicMs() - sentAt >= pauseMs && code === 'timeout') return;
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }

  #expire(deliveries: readonly Delivery[], nowMs: number): void {
    for (const delivery of deliveries) this.#expireOne(delivery, nowMs);
  }

  #expireOne(delivery: Delivery, nowMs: number): void {
    if (delivery.done || delivery.answerBy > nowMs) return;
    this.#finish(delivery);
    this.listener.expired(delivery, this.service);
  }

  #finish(delivery: Delivery): void {
    delivery.done = true;
    this.#outstanding -= 1;
    if (delivery.waiter === null) this.#background -= 1;
  }
}
