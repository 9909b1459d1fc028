import { checkCall, checkResult, lowerCommand, outcomeOf, rawCall, spellErrorCode } from '@busbar/ocpp';
import { catalogueOf } from '@busbar/ocpp/internal';
import { describe, expect, it } from 'vitest';
import { outboundTables } from './tables.js';

describe.each(Object.entries(outboundTables))('%s to a station', (action, table) => {
  const command = catalogueOf('1.6').rows.get(action)?.command;
  if (command === undefined) throw new Error(`no command is lowered to ${action}`);

  it.each(table.lowers)('lowers: $why', ({ params, context, calls }) => {
    // Goal: a command becomes exactly these CALLs, which a strict station takes.
    const lowered = lowerCommand('1.6', command, params, context);
    expect(lowered).toEqual({ calls });
    for (const call of 'calls' in lowered ? lowered.calls : []) {
      expect(checkCall('1.6', call.action, call.payload, { strict: true, from: 'central' })).toMatchObject({
        ok: true,
      });
      expect(rawCall('1.6', call.action, call.payload)).toEqual({ ok: true });
    }
  });

  it.each(table.invalid)('is wrong: $why', ({ params, context, pointers }) => {
    // Goal: wrong params are named one by one and nothing is lowered.
    const lowered = lowerCommand('1.6', command, params, context);
    expect('invalid' in lowered ? lowered.invalid.map(({ pointer }) => pointer).sort() : lowered).toEqual(
      [...pointers].sort(),
    );
  });

  it.each(table.notSupported ?? [])('is not supported: $why', ({ params }) => {
    // Goal: what 1.6 has no message for is said to be so.
    expect(lowerCommand('1.6', command, params)).toHaveProperty('notSupported');
  });

  it.each(table.fails)('a wrong raw payload fails: $why', ({ payload, code }) => {
    // Goal: a raw CALL is judged before it leaves, and a strict station would refuse it with this code.
    expect(rawCall('1.6', action, payload)).toHaveProperty('invalid');
    const checked = checkCall('1.6', action, payload, { strict: true, from: 'central' });
    expect(checked.ok ? 'ok' : spellErrorCode('1.6', checked.error.code)).toBe(code);
  });

  it.each(table.answers)('is answered: $why', ({ payload, deviations, outcome, detail }) => {
    // Goal: a station's answer is read with every liberty noted, and means this outcome.
    const text = `[3,"m1",${typeof payload === 'string' ? payload : JSON.stringify(payload)}]`;
    const parsed: unknown = JSON.parse(text);
    const checked = checkResult('1.6', action, Array.isArray(parsed) ? parsed[2] : undefined, { text });
    if (!checked.ok) throw new Error(checked.detail);
    expect(checked.deviations.map(({ rule, detail: what }) => `${rule} ${what}`)).toEqual(deviations);
    expect(outcomeOf(checked.payload)).toEqual({ outcome, detail });
  });

  it.each(table.badAnswers)('is answered badly: $why', ({ payload, detail }) => {
    // Goal: an answer of the wrong shape ends the CALL at once, with the reason. M-08
    expect(checkResult('1.6', action, payload)).toEqual({ ok: false, detail });
  });
});
