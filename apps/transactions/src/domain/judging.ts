import type { StationId, TenantId } from '@busbar/domain';
import type { DecisionRequest, Report } from '@busbar/events';
import { type Judgement, judgementInSilence } from './judgement.js';
import type { KnownStart, Ledger } from './ledger.js';
import { startKey } from './natural-key.js';
import { repeatedStart } from './start.js';
import { tokenOf } from './stop-message.js';

export type SessionReport = Report<'transaction.started'> | Report<'transaction.ended'>;

/** Asks the authorization service. */
export interface Authorizer {
  /** Judges all of them at once, in order; undefined when no answer came in time. Never rejects. */
  judge(requests: readonly DecisionRequest[]): Promise<Judgement[] | undefined>;
}

/** The OCPP identities of stations, for facts and views. */
export interface StationIdentities {
  /** Those that could be learnt in time; the others are missing. Never rejects. */
  of(tenant: TenantId, stations: readonly StationId[]): Promise<ReadonlyMap<StationId, string>>;
}

export function isStart(report: SessionReport): report is Report<'transaction.started'> {
  return report.type === 'transaction.started';
}

/**
 * The judgement of each report's token, asked for all at once, in order. Undefined for a start that is recorded
 * already (its first decision stands), for a stop without a token, and for a stop that nobody could judge: an
 * invented status would be cached by the station (rules S-05, I-07, I-08).
 */
export async function judgementsFor(
  reports: readonly SessionReport[],
  ledger: Ledger,
  authorizer: Authorizer,
): Promise<(Judgement | undefined)[]> {
  const asked = new Map<number, DecisionRequest>();
  const known = await knownOf(reports, ledger);
  reports.forEach((report, index) => {
    if (!known.has(report)) {
      const request = requestFor(report);
      if (request) asked.set(index, request);
    }
  });
  if (asked.size === 0) return reports.map(() => undefined);
  const given = await authorizer.judge([...asked.values()]);
  const judgements = new Map([...asked.keys()].map((index, at) => [index, given?.[at]]));
  return reports.map((report, index) => {
    const judgement = judgements.get(index);
    if (judgement || !asked.has(index)) return judgement;
    return isStart(report) ? judgementInSilence(report.data.idToken) : undefined;
  });
}

async function knownOf(reports: readonly SessionReport[], ledger: Ledger): Promise<Set<SessionReport>> {
  const starts = reports
    .filter(isStart)
    .map((report) => ({ report, station: report.station, startKey: startKey(report) }));
  if (starts.length === 0) return new Set();
  const recorded = Map.groupBy(await ledger.knownStarts(starts), nameOf);
  const repeats = starts.filter((start) => repeatedStart(start.report, recorded.get(nameOf(start)) ?? []));
  return new Set(repeats.map(({ report }) => report));
}

function nameOf(start: Pick<KnownStart, 'station' | 'startKey'>): string {
  return `${start.station} ${start.startKey.toString('hex')}`;
}

function requestFor(report: SessionReport): DecisionRequest | undefined {
  const { tenant, station, occurredAt } = report;
  if (isStart(report)) return { tenant, station, idToken: report.data.idToken, purpose: 'start', occurredAt };
  const idToken = tokenOf(report);
  return idToken === null ? undefined : { tenant, station, idToken, purpose: 'stop', occurredAt };
}
