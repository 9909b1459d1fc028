import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { createStationBody } from '../stations/station-schemas.js';
import { details } from './checked-input.js';

const check = new Ajv2020({ allErrors: true, strict: false }).compile(createStationBody);

function pointersOf(body: unknown): string[] {
  check(body);
  return details(check.errors).map((error) => error.pointer);
}

describe('details', () => {
  // The pointer names the member itself, also when it is unknown or missing.
  it('points at the member', () => {
    expect(pointersOf({ identity: 'CP-1' })).toEqual([]);
    expect(pointersOf({})).toEqual(['/identity']);
    expect(pointersOf({ identity: 'CP-1', 'wro/ng~': 1 })).toEqual(['/wro~1ng~0']);
    expect(pointersOf({ identity: 'CP-1', securityProfile: 4 })).toEqual(['/securityProfile']);
    expect(pointersOf({ identity: 'CP-1', localList: { managed: 'yes' } })).toEqual(['/localList/managed']);
  });
});
