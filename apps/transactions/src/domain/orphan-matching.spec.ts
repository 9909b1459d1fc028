import { describe, expect, it } from 'vitest';
import { fits, onlyOne } from './orphan-matching.js';
import type { OrphanStop, TransactionRecord } from './transaction-record.js';

const began = new Date('2026-06-01T12:00:00.000Z');
const later = new Date('2026-06-01T13:00:00.000Z');
const transaction = {
  stop: null,
  idTokenFolded: 'TAG',
  startedAt: began,
  meterStartWh: '1000',
} as TransactionRecord;
const orphan = { idTokenFolded: 'TAG', meterStopWh: '1000', stoppedAt: began } as OrphanStop;

describe('fits', () => {
  // Goal: the edges count: the same instant and the same register can be a session without energy.
  it('X-03 takes the same token, a time not before and a register not below', () => {
    expect(fits(orphan, transaction)).toBe(true);
    expect(fits({ ...orphan, stoppedAt: later, meterStopWh: '1000.5' }, transaction)).toBe(true);
  });

  // Goal: each doubt alone is enough.
  it.each([
    ['another token', { idTokenFolded: 'OTHER' }],
    ['no token', { idTokenFolded: null }],
    ['no register', { meterStopWh: null }],
    ['a lower register', { meterStopWh: '999.999' }],
    ['an earlier time', { stoppedAt: new Date(began.getTime() - 1) }],
  ])('X-03 does not take %s', (_doubt, change) => {
    expect(fits({ ...orphan, ...change }, transaction)).toBe(false);
  });

  // Goal: what has ended is not ended again.
  it('X-03 leaves ended transactions alone', () => {
    const ended = { ...transaction, stop: { origin: 'person' } } as TransactionRecord;
    expect(fits(orphan, ended)).toBe(false);
  });
});

describe('onlyOne', () => {
  // Goal: none and several are the same: not known.
  it('finds the one and nothing else', () => {
    const even = (number: number) => number % 2 === 0;
    expect(onlyOne([1, 2, 3], even)).toBe(2);
    expect(onlyOne([1, 3], even)).toBeUndefined();
    expect(onlyOne([2, 4], even)).toBeUndefined();
  });
});
