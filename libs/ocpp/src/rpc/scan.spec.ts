import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { scanNesting } from './scan.js';

const limits = { depthMax: 4, itemsMax: 10 };

function depthOf(value: unknown): number {
  return typeof value === 'object' && value !== null ? 1 + Math.max(0, ...Object.values(value).map(depthOf)) : 0;
}

describe('scanNesting', () => {
  it('agrees with the parsed value about its depth', () => {
    // Goal: the judgement by brackets is the judgement by structure, strings with brackets and quotes included.
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 7 }), fc.string(), (value, text) => {
        const frame = { '[{"\\': text, value };
        const verdict = scanNesting(JSON.stringify(frame), { depthMax: 5, itemsMax: 1000 });
        expect(verdict).toBe(depthOf(frame) > 5 ? 'too-deep' : 'fits');
      }),
    );
  });

  it('does not count what is in strings', () => {
    // Goal: a text full of brackets is one string.
    expect(scanNesting(`["${'[{'.repeat(50)}"]`, limits)).toBe('fits');
    expect(scanNesting('["\\"[[[[[[", "\\\\", [1]]', limits)).toBe('fits');
    expect(scanNesting('["\\\\",[[[[[]]]]]]', limits)).toBe('too-deep');
  });

  it('takes exactly the depth that is allowed, however many brackets there are', () => {
    // Goal: the bound is the same on the short cut and on the long way.
    expect(scanNesting('[[[[1],[2],[3]]]]', limits)).toBe('fits');
    expect(scanNesting('[[[[1],[2],[[3]]]]]', limits)).toBe('too-deep');
  });

  it('bounds the members of one list, not of the whole', () => {
    // Goal: many short lists are no attack.
    const ten = `[${'1,'.repeat(9)}1]`;
    expect(scanNesting(`[${ten},${ten},${ten}]`, limits)).toBe('fits');
    expect(scanNesting(`[${'1,'.repeat(10)}1]`, limits)).toBe('too-many-items');
  });

  it('survives texts that are no JSON', () => {
    // Goal: unbalanced brackets and open strings end the scan like any other text.
    for (const text of ['', ']]]]', '["', '"\\', '[[[[', '}{']) expect(scanNesting(text, limits)).toBe('fits');
  });
});
