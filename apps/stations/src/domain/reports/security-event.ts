import { createHash } from 'node:crypto';

/** The events that the security paper for OCPP 1.6 and OCPP 2.x mark as critical. */
const critical: ReadonlySet<string> = new Set([
  'FirmwareUpdated',
  'SettingSystemTime',
  'StartupOfTheDevice',
  'ResetOrReboot',
  'SecurityLogWasCleared',
  'MemoryExhaustion',
  'TamperDetectionActivated',
]);

export function isCritical(type: string): boolean {
  return critical.has(type);
}

/** What makes two security events of a station the same: type, the station's time and the technical text. */
export function securityEventDigest(type: string, occurredAt: string, techInfo: string | undefined): string {
  return createHash('sha256')
    .update(JSON.stringify([type, occurredAt, techInfo ?? null]))
    .digest('hex')
    .slice(0, 32);
}
