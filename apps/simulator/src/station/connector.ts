import type { Meter } from './meter.js';

/** ChargePointStatus of OCPP 1.6. */
export type Status =
  | 'Available'
  | 'Preparing'
  | 'Charging'
  | 'SuspendedEVSE'
  | 'SuspendedEV'
  | 'Finishing'
  | 'Reserved'
  | 'Unavailable'
  | 'Faulted';

/** A transaction as the station sees it. */
export interface Session {
  idTag: string;
  /** What StartTransaction was answered with; -1 when it never was (OCPP 1.6 errata, 3.18). */
  transactionId: number | undefined;
  startedAt: Date;
  meterStartWh: number;
  /** Ends the periodic meter values. */
  sampling: NodeJS.Timeout | undefined;
  stopping: boolean;
}

/** One connector: its cable, its meter, and at most one session. */
export class Connector {
  status: Status = 'Available';
  errorCode = 'NoError';
  plugged = false;
  operative = true;
  /** An accepted token that waits for the cable, or an accepted remote start. */
  authorized: { idTag: string; timer: NodeJS.Timeout } | undefined;
  session: Session | undefined;
  /** Becomes inoperative when the session ends. */
  inoperativeLater = false;

  constructor(
    readonly id: number,
    readonly meter: Meter,
  ) {}

  /** The status that follows from cable, session and operability. */
  settledStatus(): Status {
    if (this.errorCode !== 'NoError') {
      return 'Faulted';
    }
    if (this.session !== undefined) {
      return this.meter.powerW > 0 ? 'Charging' : 'SuspendedEV';
    }
    if (!this.operative) {
      return 'Unavailable';
    }
    return this.plugged || this.authorized !== undefined ? 'Preparing' : 'Available';
  }

  /** Forgets an authorization that waits. */
  dropAuthorization(): void {
    clearTimeout(this.authorized?.timer);
    this.authorized = undefined;
  }
}
