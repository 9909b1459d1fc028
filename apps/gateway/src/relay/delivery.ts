import type { Receipt, Report, ReportService } from '@busbar/events';
import type { Connection, PendingCall } from '../connection/connection.js';

/** One report on its way to the service that answers it. */
export interface Delivery {
  readonly report: Report;
  /** About as many as it takes in a batch. */
  readonly bytes: number;
  /** Monotonic. After this nobody waits for it any more. */
  readonly answerBy: number;
  /** Whose CALL waits for the answer; null for what the gateway reports by itself. */
  readonly waiter: { readonly connection: Connection; readonly call: PendingCall } | null;
  /** How often its receipt was `again`. */
  repeats: number;
  /** Answered, or given up. */
  done: boolean;
}

/**
 * How long a service may take to answer what a station waits for. Billing and state: the station is hung up on,
 * so that it keeps the message; a decision: CALLERROR, because a station waits for it with a person in front of it.
 */
export const answerWithinMs = { 'hang-up': 8000, error: 5000, background: 60_000 } as const;

const withError: ReadonlySet<string> = new Set([
  'authorization.requested',
  'vendor.dataReceived',
  'certificate.signingRequested',
]);

/** What is to happen when a report of this type is not answered in time. DESIGN §2. */
export function consequenceOf(reportType: string): 'hang-up' | 'error' {
  return withError.has(reportType) ? 'error' : 'hang-up';
}

/** Told by the batchers. */
export interface DeliveryListener {
  answered(delivery: Delivery, receipt: Receipt, nowMs: number): void;
  expired(delivery: Delivery, service: ReportService): void;
}
