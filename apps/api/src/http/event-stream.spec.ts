import { describe, expect, it } from 'vitest';
import { StreamLimit } from './event-stream.js';

describe('StreamLimit', () => {
  // A caller gets as many places as allowed, and each that it gives back once.
  it('counts by key', () => {
    const limit = new StreamLimit(2);
    const first = limit.take('a');
    limit.take('a');
    expect(() => limit.take('a')).toThrow('2 streams');
    limit.take('b');
    first();
    limit.take('a');
    expect(() => limit.take('a')).toThrow('2 streams');
  });
});
