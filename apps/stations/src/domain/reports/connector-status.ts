import type { ChargingState, ConnectorState } from '@busbar/domain';

/** The state of one connector as it is kept; EVSE 0 is the station itself (rule N-02). */
export interface ConnectorStatus {
  evseId: number;
  connectorId: number;
  epoch: number;
  seq: number;
  /** The station's own word. */
  status: string;
  connectorState: ConnectorState;
  chargingState: ChargingState;
  phase: string | null;
  errorCode: string;
  info: string | null;
  vendorId: string | null;
  vendorErrorCode: string | null;
  since: Date;
  occurredAt: Date;
  receivedAt: Date;
}

export interface ConnectorStep {
  /** Null when a later notification is stored already. */
  status: ConnectorStatus | null;
  /** Whether readers see something else than before. */
  changed: boolean;
  /** Its time is before that of the notification that it follows (rule N-05). */
  late: boolean;
}

/**
 * What a notification makes of the stored status. Notifications are ordered by receipt: (epoch, seq), never by
 * the station's clock, which may be wrong for ever; its time only marks late ones (rule N-05). No transition is
 * refused (rule N-11), no connector either (rule N-03), and an error code beside another status than Faulted is
 * a warning that is kept until NoError clears it (rule N-04). `keepsState` says that the station's word is none
 * that its version has.
 */
export function connectorAfter(
  stored: ConnectorStatus | undefined,
  told: ConnectorStatus,
  keepsState = false,
): ConnectorStep {
  if (!stored) return { status: { ...told, since: plausible(told) }, changed: true, late: false };
  const late = told.occurredAt < stored.occurredAt;
  if (!isLater(told, stored)) return { status: null, changed: false, late };
  const next = keepsState ? withStateOf(stored, told) : told;
  const same = next.status === stored.status;
  return {
    status: { ...next, since: same ? stored.since : plausible(next) },
    changed: !sameForReaders(stored, next),
    late,
  };
}

function isLater(told: ConnectorStatus, stored: ConnectorStatus): boolean {
  return told.epoch > stored.epoch || (told.epoch === stored.epoch && told.seq > stored.seq);
}

/** Such a word keeps the previous status; what else the notification says holds. */
function withStateOf(stored: ConnectorStatus, told: ConnectorStatus): ConnectorStatus {
  const { status, connectorState, chargingState, phase } = stored;
  return { ...told, status, connectorState, chargingState, phase };
}

function sameForReaders(left: ConnectorStatus, right: ConnectorStatus): boolean {
  return (
    left.status === right.status &&
    left.connectorState === right.connectorState &&
    left.chargingState === right.chargingState &&
    left.errorCode === right.errorCode &&
    left.info === right.info &&
    left.vendorErrorCode === right.vendorErrorCode
  );
}

const dayMs = 86_400_000;
const firstPlausible = Date.UTC(2010, 0, 1);

/** The station's time, or ours where its clock cannot be right. */
function plausible(status: ConnectorStatus): Date {
  const ownMs = status.occurredAt.getTime();
  return ownMs >= firstPlausible && ownMs <= status.receivedAt.getTime() + dayMs
    ? status.occurredAt
    : status.receivedAt;
}
