import { storableText } from '@busbar/domain';
import type { Receipt, Report } from '@busbar/events';
import { isCritical, securityEventDigest } from './security-event.js';
import type { JobKind, JobReportRow } from './station-state.js';
import { addFact, isA, place, type Turn } from './turn.js';

const wordMax = 50;
const textMax = 255;
const dataMax = 8192;

/** A DataTransfer: answered by the policy and kept, whatever the answer (rules D-01, D-02). */
export function recordVendorData(turn: Turn<'vendor.dataReceived'>): Receipt<'vendor.dataReceived'> {
  const { report, state, changes, context } = turn;
  const { vendorId, messageId, data } = report.data;
  const answer = context.vendors.answer(vendorId, messageId);
  changes.vendorData.push({
    id: report.id,
    ...place(state),
    vendorId: storableText(vendorId, textMax),
    messageId: messageId === undefined ? null : storableText(messageId, textMax),
    data: data === undefined ? null : storableText(data, dataMax),
    answer: answer.status,
    receivedAt: new Date(report.receivedAt),
  });
  return { answer };
}

/** A security event: kept once, told once, however often the station sends it. */
export function recordSecurityEvent(turn: Turn<'security.eventReported'>): Receipt<'security.eventReported'> {
  const { report, state, changes, context } = turn;
  const digest = securityEventDigest(report.data.type, report.occurredAt, report.data.techInfo);
  if (state.securityEvents.has(digest)) return { answer: {} };
  state.securityEvents.add(digest);
  const type = storableText(report.data.type, wordMax);
  const techInfo = report.data.techInfo === undefined ? null : storableText(report.data.techInfo, textMax);
  const critical = isCritical(type);
  const occurredAt = new Date(report.occurredAt);
  const receivedAt = new Date(report.receivedAt);
  const row = { type, critical, techInfo, occurredAt, receivedAt, digest };
  changes.securityEvents.push({ id: report.id, ...place(state), ...row });
  addFact(state, 'security.event', occurredAt, { type, critical, techInfo }, { changes, context });
  return { answer: {} };
}

/** Progress of a firmware update or a log upload, and wishes for a certificate, which are refused for now. */
export function recordJob(turn: Turn<Report['type']>): Receipt {
  const { report, changes } = turn;
  const job = jobOf(report);
  if (job) {
    const { occurredAt, receivedAt } = report;
    const times = { occurredAt: new Date(occurredAt), receivedAt: new Date(receivedAt) };
    changes.jobs.push({ id: report.id, ...place(turn.state), ...job, ...times });
  }
  return isA(report, 'certificate.signingRequested') ? { answer: { status: 'Rejected' } } : { answer: {} };
}

type Job = Pick<JobReportRow, 'kind' | 'status' | 'requestId' | 'detail'>;

function jobOf(report: Report): Job | null {
  if (isA(report, 'firmware.statusChanged')) {
    return progress(report.data.signed ? 'signed-firmware' : 'firmware', report.data);
  }
  if (isA(report, 'log.statusChanged')) return progress(report.data.diagnostics ? 'diagnostics' : 'log', report.data);
  if (isA(report, 'certificate.signingRequested')) {
    return { kind: 'certificate', status: 'Rejected', requestId: null, detail: storableText(report.data.csr, dataMax) };
  }
  return null;
}

function progress(kind: JobKind, data: { status: string; requestId?: number }): Job {
  const requestId = Number.isSafeInteger(data.requestId) ? (data.requestId ?? null) : null;
  return { kind, status: storableText(data.status, wordMax), requestId, detail: null };
}
