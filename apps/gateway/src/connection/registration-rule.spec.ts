import type { StationId, TenantId } from '@busbar/domain';
import type { StationSession } from '@busbar/events';
import { actionRow } from '@busbar/ocpp';
import { describe, expect, it } from 'vitest';
import { mayCall, triggeredBy } from './registration-rule.js';

function session(registration: StationSession['registration'], everAccepted: boolean): StationSession {
  return {
    tenant: 'default' as TenantId,
    station: 's1' as StationId,
    identity: 'CP1',
    registration,
    everAccepted,
    securityProfile: 1,
    heartbeatIntervalSeconds: 300,
    strict: false,
    assumeProtocol: null,
    watchedUntil: null,
  };
}

describe('mayCall', () => {
  const boot = actionRow('1.6', 'BootNotification');
  const status = actionRow('1.6', 'StatusNotification');

  // Only a station that was accepted once, and still is, may send everything, also what we do not know.
  it.each([
    ['accepted', true, true],
    ['accepted', false, false],
    ['pending', true, false],
    ['rejected', true, false],
    ['rejected', false, false],
  ] as const)('%s, ever accepted %s: %s', (registration, ever, allowed) => {
    expect(mayCall(session(registration, ever), status, null)).toBe(allowed);
    expect(mayCall(session(registration, ever), undefined, null)).toBe(allowed);
    expect(mayCall(session(registration, ever), boot, null)).toBe(true);
  });

  // A pending station answers our trigger; a rejected one says nothing.
  it('lets a pending station send what we asked for', () => {
    expect(mayCall(session('pending', false), status, 'StatusNotification')).toBe(true);
    expect(mayCall(session('pending', false), status, 'MeterValues')).toBe(false);
    expect(mayCall(session('rejected', false), status, 'StatusNotification')).toBe(false);
  });
});

describe('triggeredBy', () => {
  // Only the two trigger messages ask for something.
  it('reads the requested message', () => {
    expect(triggeredBy({ requestedMessage: 'MeterValues' }, 'TriggerMessage')).toBe('MeterValues');
    expect(triggeredBy({ requestedMessage: 'SignChargePointCertificate' }, 'ExtendedTriggerMessage')).toBe(
      'SignCertificate',
    );
    expect(triggeredBy({ requestedMessage: 'MeterValues' }, 'DataTransfer')).toBeNull();
    expect(triggeredBy({}, 'TriggerMessage')).toBeNull();
  });
});
