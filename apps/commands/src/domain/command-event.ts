import type { GatewayId } from '@busbar/domain';
import type { Effect, StationError } from './command.js';

/** What the ending of a written CALL amounts to, whatever version it was said in. */
export interface Verdict {
  outcome: 'accepted' | 'rejected' | 'error' | 'unknown';
  detail: string | null;
  response: Record<string, unknown> | null;
  error: StationError | null;
}

/** Why a CALL that may have been written is given up. */
export type LossReason = 'connection-lost' | 'gateway-gone' | 'timed-out';

/** Everything that can happen to a command. Each may come twice, late or not at all. */
export type CommandEvent =
  /** A replica takes the next CALL and is about to send it to this gateway. */
  | { kind: 'claimed'; at: Date; claim: string; gateway: GatewayId; epoch: number; settleBy: Date }
  /** The CALL certainly was not written and goes to another connection at once. */
  | { kind: 'rerouted'; messageId: string; at: Date; gateway: GatewayId; epoch: number; settleBy: Date }
  /** The CALL certainly was not written and waits again. */
  | { kind: 'returned'; messageId: string; at: Date; notBefore: Date }
  /** Nobody holds the station. */
  | { kind: 'unreachable'; at: Date; notBefore: Date }
  | { kind: 'written'; messageId: string; at: Date }
  | { kind: 'answered'; messageId: string; sentAt: Date | null; at: Date; verdict: Verdict }
  /** No word of the CALL is to be expected any more. `repeatAs` is the message id, should it be sent once more. */
  | { kind: 'lost'; messageId: string; at: Date; reason: LossReason; repeatAs: string }
  | { kind: 'expired'; at: Date }
  /** Not sent after all: the caller cancelled, or the station's registration or protocol now forbids it. */
  | { kind: 'withdrawn'; at: Date; detail: WithdrawalReason }
  | { kind: 'effect'; effect: Effect };

export type WithdrawalReason =
  | 'cancelled'
  | 'registration-pending'
  | 'registration-rejected'
  | 'protocol-changed'
  | 'station-deleted';
