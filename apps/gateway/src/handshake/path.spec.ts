import { describe, expect, it } from 'vitest';
import { identityOfPath } from './path.js';

describe('identityOfPath', () => {
  // Ordinary identities, however odd they look, are decoded exactly once.
  it.each([
    ['/ocpp/CP1', 'CP1'],
    ['/ocpp/RDAM%20123', 'RDAM 123'],
    ['/ocpp/a%2Fb', 'a/b'],
    ['/ocpp/a%252Fb', 'a%2Fb'],
    ['/ocpp/a.b', 'a.b'],
    ['/ocpp/*', '*'],
    ['/ocpp/%3E', '>'],
    [`/ocpp/'"`, `'"`],
    ['/ocpp/%EF%BF%BD', '\uFFFD'],
    [`/ocpp/${'x'.repeat(255)}`, 'x'.repeat(255)],
    ['/ocpp/%C3%A9', 'é'],
  ])('reads %s', (path, identity) => {
    expect(identityOfPath(path)).toBe(identity);
  });

  // What no station may be called is refused, never thrown.
  it.each([
    '/',
    '/ocpp',
    '/ocpp/',
    '/OCPP/CP1',
    '/other/CP1',
    '/ocpp/a/b',
    '/ocpp/CP1/',
    '/ocpp/%',
    '/ocpp/%zz',
    '/ocpp/%C3',
    '/ocpp/a%00b',
    '/ocpp/a%0d%0ab',
    '/ocpp/%C2%85',
    '/ocpp/\uFFFD\uFFFD',
    `/ocpp/${'x'.repeat(256)}`,
    `/ocpp/${'%C3%A9'.repeat(128)}`,
  ])('refuses %s', (path) => {
    expect(identityOfPath(path)).toBeNull();
  });
});
