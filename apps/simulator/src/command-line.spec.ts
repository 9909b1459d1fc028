import { describe, expect, it } from 'vitest';
import { readCommandLine, UsageError } from './command-line.js';

describe('readCommandLine', () => {
  // One station keeps its name, many are numbered.
  it('names the stations', () => {
    const one = readCommandLine(['run', '--identity', 'CP', '--key', 'aa', '--url', 'ws://host/ocpp']);
    expect(one.stations.map(({ url, identity, key }) => [url, identity, key])).toEqual([
      ['ws://host/ocpp/', 'CP', 'aa'],
    ]);
    const many = readCommandLine(['run', '--identity', 'CP', '--stations', '3']);
    expect(many.stations.map(({ identity }) => identity)).toEqual(['CP-1', 'CP-2', 'CP-3']);
  });

  // A person who mistypes is told so.
  it.each([[[]], [['fly']], [['play']], [['run', '--stations', 'x']], [['run', '--nope']], [['run', '--power', '0']]])(
    'refuses %j',
    (words) => {
      expect(() => readCommandLine(words)).toThrow(UsageError);
    },
  );
});
