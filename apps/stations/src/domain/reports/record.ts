import type { StationId } from '@busbar/domain';
import type { Receipt, Report } from '@busbar/events';
import type { SignOfLife } from '../presence/presence.js';
import { presenceAfter } from '../presence/presence.js';
import { recordBoot } from './record-boot.js';
import { recordConnectorStatus } from './record-connector-status.js';
import { recordJob, recordSecurityEvent, recordVendorData } from './record-notices.js';
import { Changes, type StationState } from './station-state.js';
import { addFact, isA, place, type RecordContext } from './turn.js';

export interface Recorded {
  /** In the order of the reports; to be sent only once the changes are committed. */
  receipts: Receipt[];
  changes: Changes;
}

/**
 * What a batch of reports makes of the stations' states: pure, so that it can be done again from the start when
 * the transaction did not commit. Reports of the same thing may come any number of times.
 */
export function recordReports(
  reports: readonly Report[],
  states: ReadonlyMap<StationId, StationState>,
  context: RecordContext,
): Recorded {
  const changes = new Changes();
  const receipts = reports.map((report) => recordOne(report, states, changes, context));
  return { receipts, changes };
}

/** The stations whose state a batch needs. */
export function stationsOf(reports: readonly Report[]): StationId[] {
  const stations = new Set<StationId>();
  for (const report of reports) {
    stations.add(report.station);
    if (isA(report, 'station.seen')) for (const seen of report.data.stations) stations.add(seen.station);
  }
  return [...stations];
}

function recordOne(
  report: Report,
  states: ReadonlyMap<StationId, StationState>,
  changes: Changes,
  context: RecordContext,
): Receipt {
  if (isA(report, 'station.seen')) {
    for (const seen of report.data.stations) {
      const state = states.get(seen.station);
      const at = new Date(seen.at);
      const { gateway } = report.source;
      const sign: SignOfLife = { kind: 'life', gateway, epoch: seen.epoch, protocol: null, at, seenAt: at };
      if (state && !state.station.deleted) takeSign(state, sign, {}, changes, context);
    }
    return { answer: {} };
  }
  const state = states.get(report.station);
  if (!state || state.station.deleted || state.station.tenant !== report.tenant) return stray(report, changes);
  for (const { rule, detail } of report.deviations ?? []) {
    const example = `${report.source.action}: ${detail}`;
    changes.deviations.push({ ...place(state), rule, example, at: new Date(report.receivedAt) });
  }
  const turn = { state, changes, context };
  takeSign(state, signOf(report), factData(report), changes, context);
  if (isA(report, 'station.booted')) return recordBoot({ report, ...turn });
  if (isA(report, 'connector.statusChanged')) return recordConnectorStatus({ report, ...turn });
  if (isA(report, 'vendor.dataReceived')) return recordVendorData({ report, ...turn });
  if (isA(report, 'security.eventReported')) return recordSecurityEvent({ report, ...turn });
  return recordJob({ report, ...turn });
}

/** Any report is a sign of life of its connection, so presence heals by itself when one was missed. */
function signOf(report: Report): SignOfLife {
  const { gateway, epoch, version } = report.source;
  const seenAt = new Date(report.receivedAt);
  const sign: SignOfLife = { kind: 'life', gateway, epoch, protocol: `ocpp${version}`, at: seenAt, seenAt };
  if (isA(report, 'station.connected')) {
    return { ...sign, kind: 'connected', at: new Date(report.occurredAt) };
  }
  if (isA(report, 'station.disconnected')) {
    const { code, reason } = report.data;
    return {
      ...sign,
      kind: 'disconnected',
      at: new Date(report.occurredAt),
      reason: `${code} ${reason}`.slice(0, 200),
    };
  }
  return sign;
}

/** What the facts about a connection say beside its gateway and epoch. */
function factData(report: Report): Record<string, unknown> {
  if (isA(report, 'station.connected')) {
    return { securityProfile: report.data.securityProfile, remoteAddress: report.data.remoteAddress };
  }
  if (isA(report, 'station.disconnected')) return { code: report.data.code, reason: report.data.reason.slice(0, 200) };
  return {};
}

function takeSign(
  state: StationState,
  sign: SignOfLife,
  data: Record<string, unknown>,
  changes: Changes,
  context: RecordContext,
): void {
  const before = state.presence;
  const step = presenceAfter(before, sign);
  if (!step) return;
  state.presence = step.presence;
  changes.presences.add(state);
  const { gateway, epoch, protocol } = step.presence;
  if (step.turn === 'connected') {
    const again = epoch === before.epoch;
    addFact(state, 'station.connected', sign.at, { gateway, epoch, protocol, again, ...data }, { changes, context });
  } else if (step.turn === 'disconnected') {
    addFact(state, 'station.disconnected', sign.at, { gateway, epoch, ...data }, { changes, context });
  }
}

/** A station that was deleted, or of another tenant: it is told nothing, and its connection is to be closed. */
function stray(report: Report, changes: Changes): Receipt {
  if (!isA(report, 'station.disconnected')) changes.strays.set(report.station, report.tenant);
  const ofGateway = isA(report, 'station.connected') || isA(report, 'station.disconnected');
  return ofGateway ? { answer: {} } : { refused: 'SecurityError' };
}
