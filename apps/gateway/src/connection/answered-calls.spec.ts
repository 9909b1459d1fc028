import { describe, expect, it } from 'vitest';
import { AnsweredCalls } from './answered-calls.js';

describe('AnsweredCalls', () => {
  // The last 64 are known, older ones are not.
  it('keeps the last 64', () => {
    const answered = new AnsweredCalls();
    for (let n = 0; n < 70; n += 1) answered.remember(`id-${n}`, `digest ${n}`, `frame ${n}`);
    expect(answered.find('id-5')).toBeUndefined();
    expect(answered.find('id-6')).toEqual({ digest: 'digest 6', frame: 'frame 6' });
    expect(answered.find('id-69')).toEqual({ digest: 'digest 69', frame: 'frame 69' });
  });

  // An id that is used again counts as new.
  it('renews an id', () => {
    const answered = new AnsweredCalls();
    answered.remember('a', 'one', 'frame 1');
    for (let n = 0; n < 63; n += 1) answered.remember(`id-${n}`, '', '');
    answered.remember('a', 'two', 'frame 2');
    answered.remember('b', '', '');
    expect(answered.find('a')).toEqual({ digest: 'two', frame: 'frame 2' });
    expect(answered.find('id-0')).toBeUndefined();
  });
});
