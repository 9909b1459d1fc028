import { expect, it } from 'vitest';
import { matches } from '../../tools/bootstrap/dependencies.mjs';

const pg = { version: '8.0.0' };
const foreign = { version: '1.0.0', optional: true, os: ['plan9'] };
const nested = { version: '2.0.0', optional: true };
const wrongNode = { version: '20.51.4', optional: true, engines: { node: '>=20.0.0 <21.0.0' } };
const native = { version: '20.51.4', optional: true, engines: { node: '>=22.0.0 <23.0.0' } };
const wanted = {
  '': {},
  'apps/api': { version: '0.1.0' },
  'node_modules/pg': pg,
  'node_modules/foreign': foreign,
  'node_modules/foreign/node_modules/nested': nested,
  'node_modules/engine-20': wrongNode,
  'node_modules/engine-22': native,
};
const complete = { 'node_modules/pg': pg, 'node_modules/engine-22': native };
const there = () => true;

// Installing again costs most of a minute and pulls node_modules away from whatever runs.
it('takes what a person installed for what it is', () => {
  expect(matches(wanted, complete, there)).toBe(true);
});

// Each of these needs `npm ci`; the third is what `npm ci` under Node 20 leaves.
it.each([
  ['another version', { ...complete, 'node_modules/pg': { version: '7.0.0' } }],
  ['a package that is missing', { 'node_modules/engine-22': native }],
  ['the native engine of another Node', { 'node_modules/pg': pg, 'node_modules/engine-20': wrongNode }],
])('sees %s', (_, installed) => {
  expect(matches(wanted, installed, there)).toBe(false);
});

// The list may say so while the folder was removed by hand.
it('looks at the folders', () => {
  expect(matches(wanted, complete, (path) => path !== 'node_modules/pg')).toBe(false);
});
