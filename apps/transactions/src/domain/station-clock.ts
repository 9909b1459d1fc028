import type { Report } from '@busbar/events';

const replayedAfterMs = 10 * 60_000;
const offlineBeforeConnectionMs = 60_000;

/**
 * Whether a start is old news: it began more than ten minutes before it reached us. Such a start comes out of a
 * station's offline queue, and whether the session still runs is not known, so it neither counts against its
 * token's limit nor is held to it (DESIGN §6, rule S-08). A clock that is plainly wrong says nothing about age.
 */
export function isReplayed(report: Report<'transaction.started'>): boolean {
  if (report.data.implausibleClock) return false;
  return Date.parse(report.receivedAt) - Date.parse(report.occurredAt) > replayedAfterMs;
}

/**
 * Whether a transaction began while the station was offline: it is old news, or it began more than a minute before
 * the connection that brought it (a minute, because the station's clock is not ours). A connection's epoch is the
 * time of its beginning in microseconds.
 */
export function isOffline(report: Report<'transaction.started'>): boolean {
  if (report.data.implausibleClock) return false;
  const connectedAt = report.source.epoch / 1_000;
  return isReplayed(report) || connectedAt - Date.parse(report.occurredAt) > offlineBeforeConnectionMs;
}
