import { describe, expect, it } from 'vitest';
import { describeActions, describeMessages } from './describe.js';

describe('docs/messages.md', () => {
  it('tells of every action once in each direction', () => {
    // Goal: the page is the catalogue.
    const actions = describeActions();
    expect(actions).toHaveLength(39);
    const page = describeMessages();
    const rowsOf = (action: string) => page.split(`\n| ${action} |`).length - 1;
    const payloadsOf = (action: string) => page.split(`**${action}**`).length - 1;
    expect(actions.map(({ action }) => [action, rowsOf(action), payloadsOf(action)])).toEqual(
      actions.map(({ action, sender }) => [action, sender === 'both' ? 2 : 1, 1]),
    );
  });

  it('shows a row whole', () => {
    // Goal: what a reader looks up: who answers, by which report, and the members.
    expect(describeActions().find(({ action }) => action === 'StartTransaction')).toEqual({
      version: '1.6',
      action: 'StartTransaction',
      sender: 'station',
      block: 'Core',
      section: '4.8',
      served: true,
      answeredBy: 'transactions',
      report: 'transaction.started',
      command: null,
      timeoutSeconds: null,
      request:
        '{connectorId: integer, idTag: string ≤20, meterStart: integer, reservationId?: integer, timestamp: date-time}',
      response:
        '{idTagInfo: {expiryDate?: date-time, parentIdTag?: string ≤20, status: Accepted / Blocked / Expired / Invalid / ConcurrentTx}, transactionId: integer}',
    });
  });
});
