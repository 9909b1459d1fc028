import { storableText } from '@busbar/domain';
import type { Receipt, Report } from '@busbar/events';
import { type Boot, bootIntervalSeconds, cameTooSoon, changesSince } from './boot.js';
import { addFact, place, type Turn } from './turn.js';

const textMax = 255;
const rawMax = 65_536;

/**
 * A boot (rules ): answered with the registration that is set at this moment, which then holds until
 * the next one. A repeat of the report that was recorded last gets the answer of the first time. No transaction
 * is touched (rule R-12).
 */
export function recordBoot({ report, state, changes, context }: Turn<'station.booted'>): Receipt<'station.booted'> {
  const before = state.boot;
  const { epoch, seq } = report.source;
  if (before && (epoch < before.epoch || (epoch === before.epoch && seq <= before.seq))) {
    return { answer: { status: before.registration, intervalSeconds: before.intervalSeconds } };
  }
  const { station } = state;
  const status = station.registration;
  const intervalSeconds = bootIntervalSeconds(station.id, status, station.heartbeatIntervalSeconds);
  const boot: Boot = { ...saidOf(report), registration: status, intervalSeconds };

  // Answered all the same, but an operator should see it.
  if (cameTooSoon(before, boot.bootedAt)) {
    const example = `booted again before ${before?.intervalSeconds ?? 0} s were over`;
    changes.deviations.push({ ...place(state), rule: 'R-13', example, at: boot.bootedAt });
  }
  const changed = changesSince(before, boot);
  if (changed) changes.bootChanges.push({ id: report.id, ...place(state), at: boot.bootedAt, changes: changed });

  state.boot = boot;
  changes.boots.add(state);
  state.station = {
    ...station,
    registrationInForce: status,
    everAccepted: station.everAccepted || status === 'accepted',
    intervalToldSeconds: status === 'accepted' ? intervalSeconds : station.intervalToldSeconds,
  };
  if (
    station.registrationInForce !== state.station.registrationInForce ||
    station.everAccepted !== state.station.everAccepted ||
    station.intervalToldSeconds !== state.station.intervalToldSeconds
  ) {
    changes.registrations.add(state);
  }
  const { vendor, model, serialNumber, firmwareVersion } = boot;
  const data = { registration: status, intervalSeconds, vendor, model, serialNumber, firmwareVersion, epoch };
  const into = { changes, context };
  addFact(state, 'station.booted', boot.bootedAt, changed ? { ...data, changes: changed } : data, into);
  return { answer: { status, intervalSeconds } };
}

function saidOf(report: Report<'station.booted'>): Omit<Boot, 'registration' | 'intervalSeconds'> {
  const { data, source } = report;
  return {
    epoch: source.epoch,
    seq: source.seq,
    // Our clock: the station's is wrong until its first boot was answered (OCPP 1.6, 4.2).
    bootedAt: new Date(report.receivedAt),
    vendor: kept(data.vendor) ?? '',
    model: kept(data.model) ?? '',
    serialNumber: kept(data.serialNumber),
    firmwareVersion: kept(data.firmwareVersion),
    iccid: kept(data.modem?.iccid),
    imsi: kept(data.modem?.imsi),
    meterType: kept(data.meter?.type),
    meterSerialNumber: kept(data.meter?.serialNumber),
    chargeBoxSerialNumber: kept(data.chargeBoxSerialNumber),
    raw: report.raw === undefined ? null : storableText(report.raw, rawMax),
  };
}

/** Empty texts are common and mean absent. */
function kept(text: string | undefined): string | null {
  return text === undefined || text === '' ? null : storableText(text, textMax);
}
