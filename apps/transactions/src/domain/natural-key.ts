import { createHash } from 'node:crypto';
import { foldIdToken } from '@busbar/domain';
import type { Report } from '@busbar/events';

/**
 * The identity of a start, from the station's own texts only: the same station saying the same thing gives the
 * same key, whatever was normalised or substituted on the way (rule S-05). Unique together with the station and a
 * discriminator. 32 bytes.
 */
export function startKey(report: Report<'transaction.started'>): Buffer {
  const { key, idToken } = report.data;
  const connector = [String(report.evseId ?? ''), String(report.connectorId ?? '')];
  return digestOf([...connector, key.timestampText, key.meterStartText, foldIdToken(idToken)]);
}

/** The identity of a stop that names no known transaction: everything that the station said in it. 32 bytes. */
export function stopKey(report: Report<'transaction.ended'>): Buffer {
  const { data } = report;
  const readings = data.readings.flatMap((reading) => [reading.sampledAtText, reading.digest]);
  return digestOf([
    data.ocppTransactionId,
    data.key.timestampText,
    data.key.meterStopText,
    foldIdToken(data.idToken ?? ''),
    data.stopReason,
    ...readings,
  ]);
}

/** The identity of a report that is kept as it came. 32 bytes. */
export function bytesKey(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest();
}

/** Each text goes in behind its length, so that no two lists of texts give the same bytes. */
export function digestOf(texts: readonly string[]): Buffer {
  const hash = createHash('sha256');
  for (const text of texts) {
    const bytes = Buffer.from(text, 'utf8');
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    hash.update(length).update(bytes);
  }
  return hash.digest();
}
