import { storableText } from '@busbar/domain';
import type { Receipt, Report } from '@busbar/events';
import { type ConnectorStatus, connectorAfter } from './connector-status.js';
import { connectorKey } from './station-state.js';
import { addFact, place, type Turn } from './turn.js';

const wordMax = 50;
const infoMax = 255;

/**
 * A status notification: always answered (rule N-01), always in the history, and the state on both axes when no
 * later one is known. Nothing about transactions is derived from it (rule N-08).
 */
export function recordConnectorStatus(turn: Turn<'connector.statusChanged'>): Receipt<'connector.statusChanged'> {
  const { report, state, changes, context } = turn;
  const told = toldBy(report);
  const key = connectorKey(told.evseId, told.connectorId);
  const before = state.connectors.get(key);
  const step = connectorAfter(before, told, report.data.keepsState);
  changes.connectorHistory.push({ id: report.id, ...place(state), status: told, late: step.late }); // N-05
  if (!step.status) return { answer: {} };
  const { status } = step;
  state.connectors.set(key, status);
  changes.connectors.set(`${state.station.id}/${key}`, { state, status });
  if (step.changed) {
    const { connectorId, connectorState, chargingState, phase, errorCode, info, vendorErrorCode, evseId } = status;
    const data = { connectorId, status: status.status, connectorState, chargingState, phase, errorCode, info };
    const { epoch, seq } = status;
    const previousConnectorState = before?.connectorState ?? null;
    const more = { ...data, previousConnectorState, vendorErrorCode, late: step.late, epoch, seq };
    addFact(state, 'connector.changed', status.occurredAt, more, { changes, context, evseId });
  }
  return { answer: {} };
}

function toldBy(report: Report<'connector.statusChanged'>): ConnectorStatus {
  const { data, source } = report;
  const occurredAt = new Date(report.occurredAt);
  return {
    evseId: report.evseId ?? 0, // N-02
    connectorId: report.connectorId ?? 0,
    epoch: source.epoch,
    seq: source.seq,
    status: storableText(data.status, wordMax),
    connectorState: data.connectorState,
    chargingState: data.chargingState,
    phase: data.phase ?? null,
    errorCode: storableText(data.errorCode, wordMax),
    info: kept(data.info), // N-09
    vendorId: kept(data.vendorId),
    vendorErrorCode: kept(data.vendorErrorCode),
    since: occurredAt,
    occurredAt,
    receivedAt: new Date(report.receivedAt),
  };
}

function kept(text: string | undefined): string | null {
  return text === undefined || text === '' ? null : storableText(text, infoMax);
}
