import pg from 'pg';
import { describe, expect, it } from 'vitest';
import { databaseError, isRefusal, notConnected } from './database-error.js';

function refusal(code: string, message = 'refused', severity = 'ERROR'): pg.DatabaseError {
  return Object.assign(new pg.DatabaseError(message, message.length, 'error'), { code, severity });
}

describe('databaseError', () => {
  // The whole table: a code decides whether a station's message is quarantined, sent again or refused.
  it.each([
    ['22001', 'poison', false],
    ['22P05', 'poison', false],
    ['22003', 'poison', false],
    ['54001', 'poison', false],
    ['54000', 'failed', false],
    ['23505', 'conflict', false],
    ['23P01', 'conflict', false],
    ['23502', 'failed', false],
    ['23503', 'failed', false],
    ['40001', 'serialization', true],
    ['40P01', 'serialization', true],
    ['55P03', 'timeout', true],
    ['57014', 'timeout', true],
    ['57P01', 'unavailable', true],
    ['57P03', 'unavailable', true],
    ['57P04', 'failed', false],
    ['53300', 'unavailable', true],
    ['53100', 'unavailable', true],
    ['08006', 'unavailable', true],
    ['58030', 'unavailable', true],
    ['25006', 'unavailable', true],
    ['25P02', 'failed', false],
    ['42P01', 'failed', false],
    ['42501', 'failed', false],
    ['XX000', 'failed', false],
  ])('names SQLSTATE %s %s', (sqlState, code, retryable) => {
    expect(databaseError(refusal(sqlState))).toMatchObject({ code, retryable, sqlState });
  });

  // A CHECK that the row breaks is the row's fault; the bounds of a partition that was made meanwhile are not.
  it('tells a broken CHECK from a row that waited for its partition', () => {
    const check = Object.assign(refusal('23514'), { constraint: 'thing_size_check' });
    expect(databaseError(check)).toMatchObject({ code: 'poison', retryable: false, constraint: 'thing_size_check' });
    expect(databaseError(refusal('23514'))).toMatchObject({ code: 'serialization', retryable: true });
  });

  // A statement that was prepared before a migration fails once; the same transaction on a new connection works.
  it('takes a stale plan for a connection to be replaced', () => {
    expect(databaseError(refusal('0A000', 'cached plan must not change result type')).code).toBe('unavailable');
    expect(databaseError(refusal('0A000', 'something is not supported')).code).toBe('failed');
  });

  it('takes everything from the network for unavailable, and our own mistakes for failed', () => {
    expect(databaseError(new Error('Connection terminated unexpectedly'))).toMatchObject({
      code: 'unavailable',
      retryable: true,
    });
    expect(databaseError(new RangeError('int8 does not fit'))).toMatchObject({ code: 'failed', retryable: false });
    const once = databaseError(refusal('23505'));
    expect(databaseError(once)).toBe(once);
  });

  // Only an ERROR is Postgres' word that the transaction is rolled back; a FATAL may come after a commit.
  it('tells a refusal from the end of a session', () => {
    expect(isRefusal(refusal('23505'))).toBe(true);
    expect(isRefusal(refusal('57P01', 'terminating', 'FATAL'))).toBe(false);
    expect(isRefusal(new Error('ECONNRESET'))).toBe(false);
  });

  // A role that is missing is refused with a code of class 22, which would pass for poison.
  it('never blames data for a connection', () => {
    expect(notConnected(refusal('22023'))).toMatchObject({ code: 'unavailable', retryable: true });
  });
});
