import type { Logger, Metrics } from '@busbar/observability';
import type { IntakeObserver } from './domain/observer.js';

const logEveryMs = 1_000;

/** Counts what happens on the way in, and tells of failures at most once a second each. */
export function observe(metrics: Metrics, logger: Logger): IntakeObserver {
  const answered = metrics.counter({
    name: 'busbar_reports_answered_total',
    help: 'Reports answered after their commit.',
    labels: ['type'],
  });
  const failed = metrics.counter({
    name: 'busbar_reports_failed_total',
    help: 'Reports not recorded now, which the gateway sends again, by reason.',
    labels: ['type', 'code'],
  });
  const quarantined = metrics.counter({
    name: 'busbar_reports_quarantined_total',
    help: 'Reports that went to quarantine.',
    labels: ['type'],
  });
  const unjudged = metrics.counter({
    name: 'busbar_tokens_unjudged_total',
    help: 'Tokens that the authorization service did not judge in time.',
  });
  const rows = metrics.counter({ name: 'busbar_readings_committed_total', help: 'Readings in successful commits.' });
  const seconds = metrics.histogram({
    name: 'busbar_readings_commit_seconds',
    help: 'From the first statement of a commit of readings to its success.',
  });
  const quiet = rarely(logEveryMs);
  return {
    answered: (type, count) => answered.inc({ type }, count),
    committedReadings: (count, took) => {
      rows.inc(count);
      seconds.observe(took);
    },
    failed: (type, code, count, error) => {
      failed.inc({ type, code }, count);
      quiet(`failed ${code}`, () => logger.warn({ type, code, count, err: error }, 'reports were not recorded'));
    },
    quarantined: (type, code) => {
      quarantined.inc({ type });
      logger.error({ type, code }, 'a report went to quarantine');
    },
    unjudged: (count, error) => {
      unjudged.inc(count);
      quiet('unjudged', () => logger.warn({ count, err: error }, 'tokens were accepted without a decision'));
    },
  };
}

/** Lets a thing of each name happen once per interval. */
function rarely(intervalMs: number): (name: string, happen: () => void) => void {
  const last = new Map<string, number>();
  return (name, happen) => {
    const now = performance.now();
    if (now - (last.get(name) ?? Number.NEGATIVE_INFINITY) < intervalMs) return;
    last.set(name, now);
    happen();
  };
}
