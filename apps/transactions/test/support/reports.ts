import { createHash } from 'node:crypto';
import { defaultTenant, type GatewayId, type ReportId, type StationId, TimeOrderedIds } from '@busbar/domain';
import type { Reading, Report, ReportBatch, Sample } from '@busbar/events';

export const ids = new TimeOrderedIds();
const gateway: GatewayId = ids.next<'gateway'>();
export const tenant = defaultTenant;

/** When everything in these tests happens; the connection was made a minute before. */
export const noon = '2026-06-01T12:00:00.000Z';
const connectedAtUs = (Date.parse(noon) - 60_000) * 1_000;

/** `noon` and so many seconds. */
export function at(seconds: number): string {
  return new Date(Date.parse(noon) + seconds * 1_000).toISOString();
}

export function newStation(): StationId {
  return ids.next<'station'>();
}

let lastMessage = 0;

function envelope(station: StationId, action: string, messageId: string | undefined, receivedAt: string) {
  lastMessage += 1;
  return {
    id: ids.next<'report'>() as ReportId,
    schema: 1 as const,
    tenant,
    station,
    receivedAt,
    source: {
      version: '1.6' as const,
      transport: 'ws' as const,
      action,
      messageId: messageId ?? `m${lastMessage}`,
      gateway,
      epoch: connectedAtUs,
      seq: lastMessage,
    },
  };
}

export interface StartOptions {
  evseId?: number;
  idToken?: string;
  meterStart?: string;
  /** The station's text of the time. */
  timestamp?: string;
  receivedAt?: string;
  messageId?: string;
  reservationId?: number;
  implausibleClock?: boolean;
  occurredAt?: string;
}

export function startOf(station: StationId, options: StartOptions = {}): Report<'transaction.started'> {
  const { evseId = 1, idToken = 'TAG-1', meterStart = '1000', timestamp = noon, receivedAt = at(1) } = options;
  const data = {
    idToken,
    meterStartWh: meterStart,
    key: { timestampText: timestamp, meterStartText: meterStart },
    implausibleClock: options.implausibleClock ?? false,
    ...(options.reservationId === undefined ? {} : { reservationId: options.reservationId }),
  };
  return {
    ...envelope(station, 'StartTransaction', options.messageId, receivedAt),
    type: 'transaction.started',
    evseId,
    connectorId: evseId === 0 ? 0 : 1,
    occurredAt: options.occurredAt ?? timestamp,
    data,
    raw: JSON.stringify({ idTag: idToken, meterStart, timestamp, connectorId: evseId }),
  };
}

export interface StopOptions {
  idToken?: string;
  meterStop?: string | null;
  timestamp?: string;
  receivedAt?: string;
  messageId?: string;
  reason?: string;
  implausibleClock?: boolean;
  readings?: Reading[];
}

export function stopOf(
  station: StationId,
  ocppTransactionId: number | string,
  options: StopOptions = {},
): Report<'transaction.ended'> {
  const { meterStop = '5000', timestamp = at(3_600), receivedAt = at(3_601), reason = 'Local' } = options;
  return {
    ...envelope(station, 'StopTransaction', options.messageId, receivedAt),
    type: 'transaction.ended',
    occurredAt: timestamp,
    data: {
      ocppTransactionId: String(ocppTransactionId),
      ...(options.idToken === undefined ? {} : { idToken: options.idToken }),
      meterStopWh: meterStop,
      key: { timestampText: timestamp, meterStopText: meterStop ?? '' },
      stopReason: reason,
      implausibleClock: options.implausibleClock ?? false,
      readings: options.readings ?? [],
    },
    raw: JSON.stringify({ transactionId: ocppTransactionId, meterStop, timestamp, reason }),
  };
}

export function registerSample(valueWh: string, context = 'Sample.Periodic'): Sample {
  return { measurand: 'Energy.Active.Import.Register', value: valueWh, unit: 'Wh', context };
}

/** A reading of the energy register, or of the given samples. */
export function readingOf(sampledAt: string, valueWh: string | null, samples?: Sample[]): Reading {
  const held = samples ?? (valueWh === null ? [] : [registerSample(valueWh)]);
  const text = JSON.stringify(held);
  return {
    sampledAt,
    sampledAtText: sampledAt,
    samples: text,
    digest: createHash('sha256').update(text).digest('hex').slice(0, 32),
    energyWh: valueWh,
    powerW: null,
    socPercent: null,
    context: held[0]?.context ?? 'Sample.Periodic',
  };
}

export function meterOf(
  station: StationId,
  readings: Reading[],
  options: { ocppTransactionId?: number | string; evseId?: number; receivedAt?: string; messageId?: string } = {},
): Report<'meter.sampled'> {
  const { evseId = 1, receivedAt = at(60) } = options;
  return {
    ...envelope(station, 'MeterValues', options.messageId, receivedAt),
    type: 'meter.sampled',
    evseId,
    connectorId: evseId === 0 ? 0 : 1,
    occurredAt: readings[0]?.sampledAt ?? receivedAt,
    data: {
      ...(options.ocppTransactionId === undefined ? {} : { ocppTransactionId: String(options.ocppTransactionId) }),
      readings,
    },
  };
}

export function batchOf(...reports: Report[]): ReportBatch {
  return { id: ids.next<'batch'>(), gateway, reports };
}
