import { defaultTenant, type StationId } from '@busbar/domain';
import { ProblemError, subjects } from '@busbar/events';
import { describe, expect, it } from 'vitest';
import { factFilter } from './streamed-facts.js';

const station = '01kax9v3v8f4w2n5s7q9t1y3z6' as StationId;

describe('factFilter', () => {
  // A whole type, the part before its dot (with or without it), or everything.
  it.each([
    [undefined, 'p.fact.default.*.>'],
    ['transaction.started', 'p.fact.default.*.transaction.started'],
    ['transaction', 'p.fact.default.*.transaction.>'],
    ['transaction.', 'p.fact.default.*.transaction.>'],
  ])('filters %s', (type, subject) => {
    expect(factFilter(subjects('p'), defaultTenant, '*', type)).toBe(subject);
  });

  it('filters by station', () => {
    expect(factFilter(subjects('p'), defaultTenant, station, 'command')).toBe(`p.fact.default.${station}.command.>`);
  });

  // Text from outside never becomes part of a subject.
  it.each(['>', '*', 'transaction.*', 'a b', '', 'transaction.started.x', 'trans'])('refuses %j', (type) => {
    expect(() => factFilter(subjects('p'), defaultTenant, '*', type)).toThrow(ProblemError);
  });
});
