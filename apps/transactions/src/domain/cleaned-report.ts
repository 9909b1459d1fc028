import { type Decimal, parseDecimal, storableText } from '@busbar/domain';
import type { Reading, Report } from '@busbar/events';
import type { Judgement } from './judgement.js';

const textMax = 255;
const rawMax = 65_536;
const int4Max = 2_147_483_647;

/**
 * A start that any store takes, of a start that it refused: texts without NUL and half characters and cut to a
 * sane length, numbers and times that are some replaced by none. The same start always gives the same, so its
 * repeats share one key. What was lost is in the quarantine, byte for byte.
 */
export function cleanedStart(report: Report<'transaction.started'>): Report<'transaction.started'> {
  const { reservationId, ...data } = report.data;
  return {
    ...cleanedEnvelope(report),
    data: {
      ...data,
      idToken: cleaned(data.idToken),
      meterStartWh: cleanedDecimal(data.meterStartWh) ?? '0',
      key: {
        timestampText: cleaned(data.key.timestampText),
        meterStartText: cleaned(data.key.meterStartText),
      },
      ...(isInt4(reservationId) ? { reservationId } : {}),
    },
  };
}

/** The same for a stop. Readings that may be the trouble are left out: the quarantine keeps them. */
export function cleanedStop(report: Report<'transaction.ended'>, keepReadings: boolean): Report<'transaction.ended'> {
  const { idToken, ...data } = report.data;
  return {
    ...cleanedEnvelope(report),
    data: {
      ...data,
      ocppTransactionId: cleaned(data.ocppTransactionId),
      meterStopWh: cleanedDecimal(data.meterStopWh),
      key: { timestampText: cleaned(data.key.timestampText), meterStopText: cleaned(data.key.meterStopText) },
      stopReason: cleaned(data.stopReason),
      readings: keepReadings ? data.readings.filter(isStorable) : [],
      ...(idToken === undefined ? {} : { idToken: cleaned(idToken) }),
    },
  };
}

/** The same for what was judged of the token, whose key is made of the token's text. */
export function cleanedJudgement(judgement: Judgement): Judgement {
  const { group, ...info } = judgement.idTokenInfo;
  return {
    ...judgement,
    idTokenInfo: { ...info, ...(group === undefined ? {} : { group: cleaned(group) }) },
    concurrencyKey: cleaned(judgement.concurrencyKey),
  };
}

function cleanedEnvelope<T extends 'transaction.started' | 'transaction.ended'>(report: Report<T>): Report<T> {
  const { evseId, connectorId, raw, ...rest } = report;
  return {
    ...rest,
    ...(isInt4(evseId) ? { evseId } : {}),
    ...(isInt4(connectorId) ? { connectorId } : {}),
    occurredAt: isInstant(report.occurredAt) ? report.occurredAt : report.receivedAt,
    source: { ...report.source, messageId: cleaned(report.source.messageId) },
    ...(raw === undefined ? {} : { raw: storableText(raw, rawMax) }),
  };
}

function cleaned(text: string): string {
  return storableText(text, textMax);
}

function cleanedDecimal(value: Decimal | null): Decimal | null {
  return value === null ? null : (parseDecimal(value) ?? null);
}

function isInt4(value: number | undefined): value is number {
  return value !== undefined && Number.isInteger(value) && Math.abs(value) <= int4Max;
}

/** An instant of the years 1 to 9999, which every store and reader takes. */
function isInstant(text: string): boolean {
  const year = new Date(text).getUTCFullYear();
  return year >= 1 && year <= 9999;
}

function isStorable(reading: Reading): boolean {
  const decimals = [reading.energyWh, reading.powerW, reading.socPercent];
  return (
    isInstant(reading.sampledAt) &&
    [reading.sampledAtText, reading.context].every((text) => storableText(text, textMax) === text) &&
    decimals.every((value) => value === null || parseDecimal(value) !== undefined)
  );
}
