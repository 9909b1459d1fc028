import type { AskContext, Operation, Receipt, ReportBatch, ReportService } from '@busbar/events';
import { UseFilters } from '@nestjs/common';
import { Ctx, MessagePattern, Payload } from '@nestjs/microservices';
import { PassOn } from './pass-on.js';

/** Nest gives every strategy of a process only the handlers that carry its id. */
export const busTransport = Symbol('busbar');

/** How many handlers of a subject may run and wait at once. */
export interface HandlerBounds {
  concurrencyMax?: number;
  waitingMax?: number;
}

/** What a handler's decorator tells the strategy. */
export type HandlerKind =
  | { kind: 'ask'; operation: string; bounds: HandlerBounds }
  | { kind: 'reports'; service: ReportService; bounds: HandlerBounds };

/** The member of Nest's `extras` under which the kind travels. */
export const kindKey = 'busbar';

/**
 * The method answers an operation: `(request, context) => Promise<answer>`, its types checked against the
 * operation's. Throw `ProblemError` for what the caller can act on; anything else is answered as `internal`.
 */
export function Serves<Q, A>(operation: Operation<Q, A>, bounds: HandlerBounds = {}) {
  return <M extends (request: Q, context: AskContext) => Promise<A>>(
    target: object,
    key: string,
    descriptor: TypedPropertyDescriptor<M>,
  ): void => {
    const kind: HandlerKind = { kind: 'ask', operation: operation.name, bounds };
    Payload()(target, key, 0);
    Ctx()(target, key, 1);
    bind(target, key, descriptor, operation.name, kind);
  };
}

/**
 * The method answers the reports of a service: `(batch) => Promise<Receipt[]>`, a receipt per report in the same
 * order, after its own commit. A batch without reports is a probe: it must go through the commit path too.
 * Throwing means no reply at all: the gateway sends the batch again.
 */
export function AnswersReports(service: ReportService, bounds: HandlerBounds = {}) {
  return <M extends (batch: ReportBatch) => Promise<Receipt[]>>(
    target: object,
    key: string,
    descriptor: TypedPropertyDescriptor<M>,
  ): void => {
    const kind: HandlerKind = { kind: 'reports', service, bounds };
    Payload()(target, key, 0);
    bind(target, key, descriptor, `reports.${service}`, kind);
  };
}

function bind<M>(
  target: object,
  key: string,
  descriptor: TypedPropertyDescriptor<M>,
  pattern: string,
  kind: HandlerKind,
): void {
  MessagePattern(pattern, busTransport, { [kindKey]: kind })(target, key, descriptor);
  UseFilters(PassOn)(target, key, descriptor);
}
