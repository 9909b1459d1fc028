import type { Deviation } from '@busbar/events';
import { actionRow, type CheckedCall, checkCall, lift, parseFrame, spellErrorCode } from '@busbar/ocpp';
import { catalogueOf, firstViolation } from '@busbar/ocpp/internal';
import { describe, expect, it } from 'vitest';
import { receivedAt, type Written } from './case-table.js';
import { inboundTables } from './tables.js';

/** As the gateway does it: the frame's own text goes along. */
function receive(action: string, payload: Written, strict = false): { text: string; checked: CheckedCall } {
  const text = `[2,"m1","${action}",${typeof payload === 'string' ? payload : JSON.stringify(payload)}]`;
  const frame = parseFrame(text);
  if (frame.kind !== 'call') throw new Error(`no CALL: ${text}`);
  return { text, checked: checkCall('1.6', action, frame.payload, { strict, text }) };
}

/** The lifted report without `raw`, its digests and its deviations, which are looked at one by one. */
function content(
  action: string,
  payload: Written,
): { report: unknown; deviations: Deviation[]; raw: string | undefined } {
  const { text, checked } = receive(action, payload);
  if (!checked.ok) throw new Error(checked.error.description);
  if (actionRow('1.6', action)?.report === undefined) {
    return { report: {}, deviations: [...checked.deviations], raw: undefined };
  }
  const { deviations, raw, ...report } = lift('1.6', action, checked.payload, {
    receivedAt,
    text,
    deviations: checked.deviations,
  });
  const comparable: unknown = JSON.parse(JSON.stringify(report), (key, value: unknown) =>
    key === 'digest' ? '' : value,
  );
  // An undefined member would be lost on the bus.
  expect(report).toStrictEqual(JSON.parse(JSON.stringify(report)));
  return { report: comparable, deviations: deviations ?? [], raw };
}

const lines = (deviations: readonly Deviation[]) => deviations.map(({ rule, detail }) => `${rule} ${detail}`);

describe.each(Object.entries(inboundTables))('%s from a station', (action, table) => {
  const session = action === 'StartTransaction' || action === 'StopTransaction';

  it.each(table.passes)('passes: $why', ({ payload, report }) => {
    // Goal: what the schema allows is taken as it is, tolerant or strict, and lifted whole.
    expect(receive(action, payload, true).checked).toEqual(receive(action, payload).checked);
    const lifted = content(action, payload);
    expect(lifted.report).toEqual(report);
    expect(lifted.deviations).toEqual([]);
    expect(lifted.raw === undefined).toBe(!session);
  });

  it.each(table.coerced)('coerces: $why', ({ payload, strict, deviations, report }) => {
    // Goal: what the field sends is taken, each liberty noted once, and refused with the right code when strict.
    const refused = receive(action, payload, true).checked;
    expect(refused.ok ? 'ok' : spellErrorCode('1.6', refused.error.code)).toBe(strict);
    const lifted = content(action, payload);
    expect(lines(lifted.deviations)).toEqual(deviations);
    expect(lifted.report).toEqual(report);
  });

  it.each(table.fails)('fails: $why', ({ payload, code }) => {
    // Goal: what cannot be served is told in the words of 1.6, and nothing of it is lifted.
    const written = JSON.parse(JSON.stringify(payload)) as Written;
    const { checked } = receive(action, typeof written === 'string' ? JSON.stringify(written) : written);
    expect(checked.ok ? 'ok' : spellErrorCode('1.6', checked.error.code)).toBe(code);
  });

  it.each(table.answers)('answers: $why', ({ made, payload }) => {
    // Goal: the receipt becomes the payload of the specification, and that passes its schema.
    expect(made).toEqual(payload);
    const row = catalogueOf('1.6').rows.get(action);
    expect(row === undefined ? 'no row' : firstViolation(row.response, made)).toBeUndefined();
  });
});
