import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readErrorCode, rpcErrorCodes, spellErrorCode } from './error-code.js';
import { parseFrame } from './parse.js';
import { callFrame, errorFrame, resultFrame } from './write.js';

describe('frames that we write', () => {
  it('are exactly those of OCPP-J', () => {
    // Goal: four, three and five elements, character by character. M-01, M-02
    expect(callFrame('m1', 'Reset', { type: 'Hard' })).toBe('[2,"m1","Reset",{"type":"Hard"}]');
    expect(resultFrame('m1', {})).toBe('[3,"m1",{}]');
    expect(errorFrame('1.6', 'm1', { code: 'NotSupported', description: 'no "such"' })).toBe(
      '[4,"m1","NotSupported","no \\"such\\"",{}]',
    );
  });

  it('carry an id back as it came', () => {
    // Goal: M-04: a number stays a number, and no text of a station can end the string it stands in.
    const answer = (text: string) => {
      const frame = parseFrame(text);
      return frame.kind === 'call' ? resultFrame(frame, {}) : frame;
    };
    expect(answer('[2,12345678901234567890,"Heartbeat",{}]')).toBe('[3,12345678901234567890,{}]');
    expect(answer('[2,"a\\",{}]\\u0000","Heartbeat",{}]')).toBe('[3,"a\\",{}]\\u0000",{}]');
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1, maxLength: 36 }), (id) => {
        expect(JSON.parse(resultFrame(id, {}))).toEqual([3, id, {}]);
      }),
    );
  });

  it('cut a description at 255', () => {
    // Goal: the standard's own limit.
    const frame: unknown = JSON.parse(errorFrame('1.6', 'm1', { code: 'GenericError', description: 'x'.repeat(300) }));
    expect(Array.isArray(frame) ? frame[3] : undefined).toHaveLength(255);
  });
});

describe('error codes', () => {
  it('have the spelling of 1.6, wrong as it is', () => {
    // Goal: M-19, M-20: the two that 1.6 spells in its own way, and the others unchanged.
    expect(rpcErrorCodes.map((code) => spellErrorCode('1.6', code))).toEqual([
      'NotImplemented',
      'NotSupported',
      'InternalError',
      'ProtocolError',
      'SecurityError',
      'FormationViolation',
      'PropertyConstraintViolation',
      'OccurenceConstraintViolation',
      'TypeConstraintViolation',
      'GenericError',
    ]);
    expect(rpcErrorCodes.map((code) => spellErrorCode('2.0.1', code))).toEqual(rpcErrorCodes);
  });

  it('are read in either spelling, and strange ones stay', () => {
    // Goal: both spellings of a code are one code to whoever counts them.
    for (const code of rpcErrorCodes) {
      expect(readErrorCode(spellErrorCode('1.6', code))).toBe(code);
      expect(readErrorCode(code)).toBe(code);
    }
    expect(readErrorCode('constructor')).toBe('constructor');
  });
});
