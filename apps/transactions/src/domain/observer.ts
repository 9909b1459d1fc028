import type { ReportType } from '@busbar/events';

/** Told of what happens on the way in, for metrics and the log. Never throws and never waits. */
export interface IntakeObserver {
  /** Reports that were answered after their commit. */
  answered(type: ReportType, count: number): void;
  /** A commit of readings: how many rows it was asked to keep and how long it took. */
  committedReadings(rows: number, seconds: number): void;
  /** Reports that were not recorded now; the gateway sends them again. */
  failed(type: ReportType, code: string, count: number, error: unknown): void;
  /** A report went to quarantine. */
  quarantined(type: ReportType, code: string): void;
  /** The authorization service was silent; starts are accepted and flagged. */
  unjudged(count: number, error: unknown): void;
}
