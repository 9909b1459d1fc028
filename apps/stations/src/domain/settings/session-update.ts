import type { SessionUpdate } from '@busbar/events';
import { expectedIntervalSeconds, type Station } from '../station.js';

/**
 * What the gateway that holds a station must learn of a change; null when nothing. The registration is not among
 * it, because a new one holds from the next boot, whose answer tells it. A connection that was let in under another
 * security profile may not stay (rule A-01).
 */
export function sessionUpdateFor(before: Station, after: Station): SessionUpdate | null {
  const update: SessionUpdate = { station: after.id };
  if (before.strict !== after.strict) update.strict = after.strict;
  const intervalSeconds = expectedIntervalSeconds(after);
  if (expectedIntervalSeconds(before) !== intervalSeconds) update.heartbeatIntervalSeconds = intervalSeconds;
  if (before.securityProfile !== after.securityProfile) {
    update.close = { code: 1008, reason: 'security-profile-changed' };
  }
  return Object.keys(update).length > 1 ? update : null;
}
