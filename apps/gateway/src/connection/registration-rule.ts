import type { StationSession } from '@busbar/events';
import type { ActionRow } from '@busbar/ocpp';

/**
 * Whether a station may send this now. One that is pending, rejected or was never accepted may only boot, and,
 * while pending, send what we have asked it for. A station that was accepted and reconnects need not boot again.
 * OCPP 1.6, 4.2; OCPP-J 1.6 errata, 3.8. // R-04
 */
export function mayCall(session: StationSession, row: ActionRow | undefined, triggered: string | null): boolean {
  if (session.registration === 'accepted' && session.everAccepted) return true;
  if (row?.report === 'station.booted') return true;
  return session.registration === 'pending' && row !== undefined && row.action === triggered;
}

/**
 * The action that a CALL of ours asks the station to send, or null. A station under the rule above may then send
 * it. Both trigger messages of 1.6 name the action, but for one that predates its name.
 */
export function triggeredBy(payload: Record<string, unknown>, action: string): string | null {
  if (action !== 'TriggerMessage' && action !== 'ExtendedTriggerMessage') return null;
  const requested = payload['requestedMessage'];
  if (requested === 'SignChargePointCertificate') return 'SignCertificate';
  return typeof requested === 'string' ? requested : null;
}
