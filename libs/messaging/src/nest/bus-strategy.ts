import { type Ask, type Problem, ProblemError, type Receipt, type ReportBatch } from '@busbar/events';
import type { Logger } from '@busbar/observability';
import type { CustomTransportStrategy } from '@nestjs/microservices';
import { firstValueFrom, isObservable } from 'rxjs';
import type { Bus, Served } from '../bus.js';
import { BusError } from '../bus-error.js';
import { busTransport, type HandlerBounds, type HandlerKind, kindKey } from './handlers.js';

/** Asks are short; a service that needs longer than this is overloaded. */
const askBounds = { concurrencyMax: 64, waitingMax: 1024, staleAfterMs: 5000 };
/** A gateway sends a batch again after 2 s, so an older one would only be done twice. */
const reportBounds = { concurrencyMax: 256, waitingMax: 256, staleAfterMs: 2000 };

type NestHandler = (data: unknown, context?: unknown) => Promise<unknown>;

/**
 * Connects a NestJS service to the bus: methods with `@Serves` answer asks, methods with `@AnswersReports` answer
 * batches of reports, both in the queue group of the service, so that replicas share them. Closing it stops
 * taking messages, finishes those that were taken, and leaves the bus open.
 */
export class BusStrategy implements CustomTransportStrategy {
  readonly transportId = busTransport;
  readonly #handlers: { kind: HandlerKind; handler: NestHandler }[] = [];
  #served: Served[] = [];

  constructor(
    private readonly bus: Bus,
    private readonly service: string,
    private readonly logger: Logger,
  ) {}

  /** Called by Nest for each decorated method. */
  addHandler(pattern: string, handler: NestHandler, _isEvent: boolean, extras: { [kindKey]?: HandlerKind } = {}): void {
    const kind = extras[kindKey];
    if (kind === undefined) throw new TypeError(`the handler of ${pattern} needs @Serves or @AnswersReports`);
    if (this.#handlers.some((one) => subjectOf(this.bus, one.kind) === subjectOf(this.bus, kind))) {
      throw new TypeError(`${pattern} has two handlers`);
    }
    this.#handlers.push({ kind, handler });
  }

  /** Called by Nest when all modules are up; reports success only when the server has every subscription. */
  listen(callback: (error?: unknown) => void): void {
    this.#served = this.#handlers.map(({ kind, handler }) =>
      kind.kind === 'ask' ? this.#serveAsk(kind, handler) : this.#serveReports(kind, handler),
    );
    this.bus.connection.flush().then(
      () => callback(),
      (error: unknown) => callback(error),
    );
  }

  async close(): Promise<void> {
    await Promise.all(this.#served.map((served) => served.stop()));
  }

  #serveAsk(kind: HandlerKind & { kind: 'ask' }, handler: NestHandler): Served {
    return this.bus.serve<Ask<unknown>>(
      subjectOf(this.bus, kind),
      async (ask) => ({ answer: await settle(handler(ask.request, ask.context)) }),
      {
        queue: this.service,
        ...bounds(askBounds, kind.bounds),
        failed: (error) => ({ problem: this.#problemOf(error, kind.operation) }),
      },
    );
  }

  #serveReports(kind: HandlerKind & { kind: 'reports' }, handler: NestHandler): Served {
    return this.bus.serve<ReportBatch>(
      subjectOf(this.bus, kind),
      async (batch) => {
        const receipts = (await settle(handler(batch))) as Receipt[];
        if (receipts.length !== batch.reports.length) {
          throw new RangeError(`${receipts.length} receipts for ${batch.reports.length} reports`);
        }
        return { batch: batch.id, receipts };
      },
      { queue: this.service, ...bounds(reportBounds, kind.bounds) },
    );
  }

  #problemOf(error: unknown, operation: string): Problem {
    if (error instanceof ProblemError) return error.problem;
    if (error instanceof BusError && error.code === 'too-large') {
      this.logger.warn({ err: error, operation }, 'an answer is too large for the bus');
      return { status: 422, code: 'answer-too-large', detail: 'The answer is too large; ask for less at once.' };
    }
    this.logger.error({ err: error, operation }, 'an operation failed');
    if (isRetryable(error)) {
      const detail = 'It did not succeed now. Repeat it with the same Idempotency-Key.';
      return { status: 503, code: 'unavailable', detail, retryAfterSeconds: 2 };
    }
    return { status: 500, code: 'internal', detail: 'The request failed.' };
  }
}

function subjectOf(bus: Bus, kind: HandlerKind): string {
  return kind.kind === 'ask' ? bus.subjects.ask(kind.operation) : bus.subjects.reports(kind.service);
}

function bounds(standard: Required<HandlerBounds> & { staleAfterMs: number }, own: HandlerBounds) {
  return { ...standard, ...own };
}

/** With an interceptor or a failure Nest answers with an observable, otherwise with the value itself. */
async function settle(outcome: Promise<unknown>): Promise<unknown> {
  const value = await outcome;
  return isObservable(value) ? await firstValueFrom(value) : value;
}

function isRetryable(error: unknown): boolean {
  return error instanceof Error && 'retryable' in error && error.retryable === true;
}
