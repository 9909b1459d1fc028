import type { VariableReport } from './variable-report.js';

/** A report on its way to the stations service. */
export interface PendingReport {
  id: string;
  report: VariableReport;
  attempts: number;
}

/** Reports that were committed with the change that learned them, until they are delivered. */
export interface VariableReportStore {
  /** Reports that are due, put aside until `until`, so that other replicas take others. */
  take(now: Date, until: Date, max: number): Promise<PendingReport[]>;
  delete(id: string): Promise<void>;
}
