import { describe, expect, it } from 'vitest';
import { type ConnectorStatus, connectorAfter } from './connector-status.js';

const at = (second: number) => new Date(Date.UTC(2026, 0, 1, 0, 0, second));

function told(status: string, seq: number, more: Partial<ConnectorStatus> = {}): ConnectorStatus {
  return {
    evseId: 1,
    connectorId: 1,
    epoch: 100,
    seq,
    status,
    connectorState: status === 'Charging' ? 'Occupied' : 'Available',
    chargingState: status === 'Charging' ? 'Charging' : 'Idle',
    phase: null,
    errorCode: 'NoError',
    info: null,
    vendorId: null,
    vendorErrorCode: null,
    since: at(seq),
    occurredAt: at(seq),
    receivedAt: at(seq),
    ...more,
  };
}

describe('connector status', () => {
  // Goal: a connector that nobody knew is learned, whatever its number (rule N-03).
  it('N-03: learns a connector', () => {
    expect(connectorAfter(undefined, told('Available', 1))).toMatchObject({ changed: true, late: false });
  });

  // Goal: order is by receipt; a clock that was set back must not freeze the state, it only marks what is late (N-05).
  it('N-05: takes a later notification with an earlier time, marked as late', () => {
    const step = connectorAfter(told('Available', 5), told('Charging', 6, { occurredAt: at(1) }));
    expect(step).toMatchObject({ status: { status: 'Charging' }, changed: true, late: true });
  });

  // Goal: an older connection's notification, or the same again, never overwrites (N-05, DESIGN §3).
  it.each([
    ['an older epoch', { epoch: 99, seq: 50 }],
    ['an earlier sequence', { epoch: 100, seq: 4 }],
    ['the same report again', { epoch: 100, seq: 5 }],
  ])('N-05: keeps the state against %s', (_what, source) => {
    expect(connectorAfter(told('Available', 5), told('Charging', 6, source)).status).toBeNull();
  });

  // Goal: an unknown or empty word keeps the previous status; the rest of the notification holds (rules, 8.2).
  it.each(['', 'Zapping'])('N-01: keeps the status against the word %j', (word) => {
    const step = connectorAfter(told('Charging', 1), told(word, 2, { errorCode: 'OverVoltage' }), true);
    expect(step.status).toMatchObject({
      status: 'Charging',
      connectorState: 'Occupied',
      chargingState: 'Charging',
      errorCode: 'OverVoltage',
      since: at(1),
    });
  });

  // Goal: an error beside another status is a warning that stays until NoError clears it (rule N-04).
  it('N-04: keeps and clears a warning', () => {
    const warned = connectorAfter(told('Charging', 1), told('Charging', 2, { errorCode: 'EVCommunicationError' }));
    expect(warned).toMatchObject({ changed: true, status: { errorCode: 'EVCommunicationError', since: at(1) } });
    const cleared = warned.status && connectorAfter(warned.status, told('Charging', 3));
    expect(cleared).toMatchObject({ changed: true, status: { errorCode: 'NoError', since: at(1) } });
  });

  // Goal: transitions that the table does not have are taken (rule N-11); the same again is no change for readers.
  it('N-11: enforces no transition and tells nothing twice', () => {
    expect(connectorAfter(told('Faulted', 1), told('Charging', 2))).toMatchObject({ changed: true });
    expect(connectorAfter(told('Charging', 1), told('Charging', 2))).toMatchObject({ changed: false });
  });

  // Goal: `since` is never in 1970 or next week because of a broken clock.
  it.each([new Date('1970-01-01T00:00:00Z'), new Date('2026-01-09T00:00:00Z')])(
    'takes our time for %s',
    (occurredAt) => {
      const step = connectorAfter(told('Available', 1), told('Charging', 2, { occurredAt }));
      expect(step.status).toMatchObject({ since: at(2), occurredAt });
    },
  );
});
