import type { AuthorizationStatus, CommandId, StationId, TransactionId } from '@busbar/domain';
import { operation, type Page, type PageRequest } from './operation.js';

/** Everything odd that can be said of a transaction, each with the rule it comes from (docs/transactions.md). */
export const transactionFlags = [
  'unauthorized',
  'authorization-unavailable',
  'superseded',
  'stop-missing',
  'closed-by-person',
  'clock-suspect',
  'meter-decreased',
  'meter-implausible',
  'orphan-matched',
  'conflicting-stop',
  'reservation-unknown',
  'connector-unknown',
  'foreign-token-stop',
  'quarantined',
] as const;
export type TransactionFlag = (typeof transactionFlags)[number];

/** Energies are JSON numbers made from exact decimals, at most 3 decimals. */
export interface TransactionView {
  id: TransactionId;
  station: string;
  evseId: number;
  connectorId: number;
  ocppTransactionId: number;
  idToken: string;
  group: string | null;
  authorization: AuthorizationStatus;
  startedAt: string;
  stoppedAt: string | null;
  meterStartWh: number;
  meterStopWh: number | null;
  energyWh: number | null;
  stopReason: string | null;
  state: 'active' | 'ended';
  offline: boolean;
  flags: TransactionFlag[];
  reservation: string | null;
  remoteStartCommandId: CommandId | null;
  closedBy: string | null;
}

export interface MeterValueView {
  sampledAt: string;
  receivedAt: string;
  context: string;
  samples: {
    measurand: string;
    value: number | null;
    unit: string | null;
    phase: string | null;
    location: string | null;
    context: string;
    format: 'Raw' | 'SignedData';
    raw: string | null;
  }[];
}

export const caseKinds = ['orphan-stop', 'stop-missing', 'meter', 'clock', 'overlap', 'quarantine'] as const;
export type CaseKind = (typeof caseKinds)[number];

export interface CaseView {
  id: string;
  kind: CaseKind;
  station: string;
  transaction: TransactionId | null;
  evidence: Record<string, unknown>;
  state: 'open' | 'resolved';
  openedAt: string;
  resolvedAt: string | null;
  resolvedBy: string | null;
  resolution: string | null;
}

export const transactionOperations = {
  list: operation<
    PageRequest & {
      station?: string;
      idToken?: string;
      state?: 'active' | 'ended';
      from?: string;
      to?: string;
      flag?: TransactionFlag;
    },
    Page<TransactionView>
  >('transactions.list'),
  get: operation<{ id: string }, TransactionView>('transactions.get'),
  /** In time order. A long session comes in pages: `nextCursor` is there while there is more, to be asked for with it. */
  meterValues: operation<{ id: string; cursor?: string }, { items: MeterValueView[]; nextCursor?: string }>(
    'transactions.meter-values',
  ),
  close: operation<{ id: string; reason: string; closedBy: string; meterStopWh?: number }, TransactionView>(
    'transactions.close',
  ),
  cases: operation<PageRequest & { kind?: CaseKind; station?: string; state?: 'open' | 'resolved' }, Page<CaseView>>(
    'transactions.cases',
  ),
  getCase: operation<{ id: string }, CaseView>('transactions.case'),
  resolveCase: operation<{ id: string; resolvedBy: string; resolution: string; transaction?: string }, CaseView>(
    'transactions.resolve-case',
  ),
  /** For commands: the wire id and station of a transaction, by our id. */
  reference: operation<
    { id: string },
    { id: TransactionId; station: StationId; evseId: number; ocppTransactionId: number; state: 'active' | 'ended' }
  >('transactions.reference'),
  /** By commands, when a transaction turned out to be the effect of a remote start. Repeats are harmless. */
  linkRemoteStart: operation<{ id: TransactionId; command: CommandId }, Record<string, never>>(
    'transactions.link-remote-start',
  ),
  /** For stations: the open transaction of each connector. */
  openByStation: operation<{ station: StationId }, { items: { evseId: number; transaction: TransactionId }[] }>(
    'transactions.open-by-station',
  ),
} as const;
