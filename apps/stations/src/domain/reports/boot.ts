import { createHash } from 'node:crypto';
import type { Registration, StationId } from '@busbar/domain';

/** What a station said of itself when it last booted, and what it was told. */
export interface Boot {
  epoch: number;
  seq: number;
  bootedAt: Date;
  registration: Registration;
  intervalSeconds: number;
  vendor: string;
  model: string;
  serialNumber: string | null;
  firmwareVersion: string | null;
  iccid: string | null;
  imsi: string | null;
  meterType: string | null;
  meterSerialNumber: string | null;
  chargeBoxSerialNumber: string | null;
  raw: string | null;
}

const described = [
  'vendor',
  'model',
  'serialNumber',
  'firmwareVersion',
  'iccid',
  'imsi',
  'meterType',
  'meterSerialNumber',
  'chargeBoxSerialNumber',
] as const;

export type BootChanges = Partial<Record<(typeof described)[number], { from: string | null; to: string | null }>>;

/** What a station says of itself that it said otherwise at the boot before (rule R-11); null when nothing. */
export function changesSince(before: Boot | undefined, boot: Boot): BootChanges | null {
  if (!before) return null;
  const changes: BootChanges = {};
  for (const member of described) {
    if (before[member] !== boot[member]) changes[member] = { from: before[member], to: boot[member] };
  }
  return Object.keys(changes).length > 0 ? changes : null;
}

/**
 * The interval of the answer, in seconds: the heartbeat's when accepted, otherwise the least wait before the
 * next boot (rule R-01). The latter is spread by up to a quarter, always the same for one station, so that
 * stations that wait together do not come back together (rule K-10) and a repeat is answered alike.
 */
export function bootIntervalSeconds(station: StationId, registration: Registration, heartbeatSeconds: number): number {
  if (registration === 'accepted') return heartbeatSeconds;
  const spread = createHash('sha256').update(station).digest().readUInt16BE(0) / 0x1_0000;
  return heartbeatSeconds + Math.floor((heartbeatSeconds / 4) * spread);
}

/** Whether a station that was not accepted came back before its interval was over (rule R-13). */
export function cameTooSoon(before: Boot | undefined, at: Date): boolean {
  if (!before || before.registration === 'accepted') return false;
  return at.getTime() - before.bootedAt.getTime() < before.intervalSeconds * 1000;
}
