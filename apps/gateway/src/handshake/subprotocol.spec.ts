import { describe, expect, it } from 'vitest';
import { chooseProtocol } from './subprotocol.js';

describe('chooseProtocol', () => {
  // The first that both know wins, in the station's spelling, with or without blanks.
  it.each([
    ['ocpp1.6', 'ocpp1.6'],
    ['ocpp1.5,ocpp1.6', 'ocpp1.6'],
    ['ocpp2.0.1, OCPP1.6', 'OCPP1.6'],
    [' ocpp1.5 ,, ocpp1.6 ', 'ocpp1.6'],
  ])('chooses from "%s"', (header, spelling) => {
    expect(chooseProtocol(header)).toEqual({ kind: 'chosen', version: '1.6', spelling });
  });

  // The station's order decides when several are common.
  it('keeps to the order of preference', () => {
    const spoken = new Map([
      ['ocpp1.6', '1.6' as const],
      ['ocpp2.0.1', '2.0.1' as const],
    ]);
    expect(chooseProtocol('ocpp2.0.1, ocpp1.6', spoken)).toMatchObject({ version: '2.0.1' });
    expect(chooseProtocol('ocpp1.6, ocpp2.0.1', spoken)).toMatchObject({ version: '1.6' });
  });

  // Nothing offered and nothing in common are told apart: 400 and 1002.
  it('tells what is missing', () => {
    expect(chooseProtocol('')).toEqual({ kind: 'not-offered' });
    expect(chooseProtocol(' , ')).toEqual({ kind: 'not-offered' });
    expect(chooseProtocol('ocpp9, wamp')).toEqual({ kind: 'no-common-version' });
  });
});
