import { type ConnectorState, foldIdToken } from '@busbar/domain';
import type { CommandType } from '@busbar/events';

/** What in the world would show that a command took effect. */
export type Expectation =
  | { kind: 'transaction.started'; idToken: string; evseId: number | null }
  | { kind: 'transaction.ended'; transaction: string | null; ocppTransactionId: number | null }
  | { kind: 'station.booted' }
  | { kind: 'connector.changed'; evseId: number | null; operational: boolean };

export type ExpectationKind = Expectation['kind'];

/** What was observed at a station, from a fact. */
export type Observation =
  | { kind: 'transaction.started'; idToken: string; evseId: number | null }
  | { kind: 'transaction.ended'; transaction: string; ocppTransactionId: number | null }
  | { kind: 'station.booted' }
  | { kind: 'connector.changed'; evseId: number; was: ConnectorState | null; is: ConnectorState };

/** The command types whose effect each observation may be. */
export const expectedBy: { readonly [K in ExpectationKind]: CommandType } = {
  'transaction.started': 'RequestStartTransaction',
  'transaction.ended': 'RequestStopTransaction',
  'station.booted': 'Reset',
  'connector.changed': 'ChangeAvailability',
};

/**
 * For how long after a CALL was sent its effect is looked for. A start must come within the station's
 * ConnectionTimeOut (60 s unless set otherwise, OCPP 1.6, 9.1.4) and some slack; an availability that was
 * `Scheduled` takes hold only when the running transaction ends (OCPP 1.6, 5.2).
 */
export const expectedWithinMs: { readonly [K in ExpectationKind]: number } = {
  'transaction.started': 180_000,
  'transaction.ended': 600_000,
  'station.booted': 600_000,
  'connector.changed': 24 * 3_600_000,
};

/** What would show the effect of a command of this type; null when nothing that we see would. */
export function expectationOf(
  type: CommandType,
  params: Record<string, unknown>,
  ocppTransactionId: number | null,
): Expectation | null {
  switch (type) {
    case 'RequestStartTransaction':
      return typeof params.idToken === 'string'
        ? { kind: 'transaction.started', idToken: foldIdToken(params.idToken), evseId: evseOf(params) }
        : null;
    case 'RequestStopTransaction':
      return {
        kind: 'transaction.ended',
        transaction: typeof params.transaction === 'string' ? params.transaction : null,
        ocppTransactionId,
      };
    case 'Reset':
      return { kind: 'station.booted' };
    case 'ChangeAvailability':
      return { kind: 'connector.changed', evseId: evseOf(params), operational: params.operational === true };
    default:
      return null;
  }
}

/** Whether what was observed is what was expected. Time and station are the caller's to check. */
export function meets(expectation: Expectation, seen: Observation): boolean {
  switch (expectation.kind) {
    case 'transaction.started':
      return (
        seen.kind === 'transaction.started' &&
        foldIdToken(seen.idToken) === expectation.idToken &&
        (expectation.evseId === null || expectation.evseId === seen.evseId)
      );
    case 'transaction.ended':
      return (
        seen.kind === 'transaction.ended' &&
        (expectation.transaction === null
          ? expectation.ocppTransactionId !== null && expectation.ocppTransactionId === seen.ocppTransactionId
          : expectation.transaction === seen.transaction)
      );
    case 'station.booted':
      return seen.kind === 'station.booted';
    case 'connector.changed':
      return seen.kind === 'connector.changed' && availabilityMet(expectation, seen);
  }
}

/** Only a change into or out of Unavailable shows anything: Available → Occupied is a car, not our command. */
function availabilityMet(
  expectation: Extract<Expectation, { kind: 'connector.changed' }>,
  seen: Extract<Observation, { kind: 'connector.changed' }>,
): boolean {
  if (expectation.evseId !== null && expectation.evseId !== seen.evseId) return false;
  return expectation.operational
    ? seen.was === 'Unavailable' && seen.is !== 'Unavailable'
    : seen.was !== 'Unavailable' && seen.is === 'Unavailable';
}

/** EVSE 0 is the station itself: its commands show on any connector. */
function evseOf(params: Record<string, unknown>): number | null {
  return typeof params.evseId === 'number' && params.evseId > 0 ? params.evseId : null;
}
