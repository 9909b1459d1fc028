import { describe, expect, it } from 'vitest';
import { type Expectation, expectationOf, meets, type Observation } from './expectation.js';

describe('what shows an effect', () => {
  it.each([
    [
      'RequestStartTransaction',
      { idToken: ' tag1 ', evseId: 2 },
      { kind: 'transaction.started', idToken: 'TAG1', evseId: 2 },
    ],
    ['RequestStartTransaction', { idToken: 'T' }, { kind: 'transaction.started', idToken: 'T', evseId: null }],
    [
      'RequestStopTransaction',
      { transaction: 't' },
      { kind: 'transaction.ended', transaction: 't', ocppTransactionId: 9 },
    ],
    ['Reset', { mode: 'OnIdle' }, { kind: 'station.booted' }],
    ['ChangeAvailability', { operational: true }, { kind: 'connector.changed', evseId: null, operational: true }],
    [
      'ChangeAvailability',
      { evseId: 0, operational: false },
      { kind: 'connector.changed', evseId: null, operational: false },
    ],
    ['ClearCache', {}, null],
  ] as const)('of %s %j', (type, params, expectation) => {
    // Goal: the fact that a person would look for, and null where there is none.
    expect(expectationOf(type, params, 9)).toEqual(expectation);
  });

  const started: Expectation = { kind: 'transaction.started', idToken: 'TAG', evseId: null };
  const named: Expectation = { kind: 'transaction.ended', transaction: 't', ocppTransactionId: 9 };
  const numbered: Expectation = { kind: 'transaction.ended', transaction: null, ocppTransactionId: 9 };
  const nameless: Expectation = { kind: 'transaction.ended', transaction: null, ocppTransactionId: null };
  const off: Expectation = { kind: 'connector.changed', evseId: 1, operational: false };
  const on: Expectation = { kind: 'connector.changed', evseId: null, operational: true };
  const ended = (transaction: string, ocppTransactionId: number | null): Observation => ({
    kind: 'transaction.ended',
    transaction,
    ocppTransactionId,
  });
  const changed = (
    evseId: number,
    was: 'Available' | 'Unavailable' | null,
    is: 'Available' | 'Unavailable' | 'Occupied',
  ) => ({ kind: 'connector.changed', evseId, was, is }) as const;

  it.each([
    [started, { kind: 'transaction.started', idToken: 'tag', evseId: 3 }, true],
    [started, { kind: 'transaction.started', idToken: 'tag2', evseId: 3 }, false],
    [started, { kind: 'station.booted' }, false],
    [named, ended('t', 1), true],
    [named, ended('u', 9), false],
    [numbered, ended('u', 9), true],
    [numbered, ended('u', null), false],
    [nameless, ended('u', null), false],
    [off, changed(1, 'Available', 'Unavailable'), true],
    [off, changed(1, null, 'Unavailable'), true],
    [off, changed(2, 'Available', 'Unavailable'), false],
    [off, changed(1, 'Unavailable', 'Unavailable'), false],
    [on, changed(7, 'Unavailable', 'Available'), true],
    [on, changed(7, 'Available', 'Occupied'), false],
    [on, changed(7, null, 'Available'), false],
  ] as [Expectation, Observation, boolean][])('%j by %j: %s', (expectation, seen, met) => {
    // Goal: only what certainly follows from the command counts as its effect.
    expect(meets(expectation, seen)).toBe(met);
  });
});
