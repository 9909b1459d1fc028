import { commandTypes } from '@busbar/events';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { catalogueOf } from './catalogue.js';
import { checkCall } from './check.js';
import { lowerCommand } from './commands.js';
import { isRecord } from './json.js';
import { lift } from './lift.js';
import { checkResult, outcomeOf } from './results.js';
import { parseFrame } from './rpc/parse.js';
import type { Schema } from './schema.js';
import { firstViolation, validatorOf } from './validators.js';

const receivedAt = '2026-11-22T09:18:06.000Z';
const rows = [...catalogueOf('1.6').rows.values()];
const lifted = rows.filter((row) => row.lift !== undefined);

const anything = fc.jsonValue({ maxDepth: 3 });
const oddText = fc.oneof(
  fc.constantFrom(
    '',
    ' ',
    '-1',
    '0',
    '1.50',
    'true',
    'NaN',
    '1e999',
    '2026-11-22 09:00:00',
    '\u0000',
    '\ud83d',
    '__proto__',
  ),
  fc.string({ unit: 'binary', maxLength: 300 }),
);

/** Payloads that are nearly right: each member is right, odd, missing or anything at all. */
function nearly(schema: Schema): fc.Arbitrary<unknown> {
  const right = rightly(schema);
  return fc.oneof(
    { weight: 6, arbitrary: right },
    { weight: 1, arbitrary: oddText },
    { weight: 1, arbitrary: anything },
  );
}

function rightly(schema: Schema): fc.Arbitrary<unknown> {
  switch (schema.type) {
    case 'object':
      return fc
        .record(
          Object.fromEntries(Object.entries(schema.properties ?? {}).map(([name, member]) => [name, nearly(member)])),
          { requiredKeys: [] },
        )
        .chain((members) =>
          fc.dictionary(fc.string({ maxLength: 5 }), anything, { maxKeys: 1 }).map((more) => ({ ...more, ...members })),
        );
    case 'array':
      return fc.array(schema.items === undefined ? anything : nearly(schema.items), { maxLength: 3 });
    case 'boolean':
      return fc.boolean();
    case 'integer':
      return fc.oneof(fc.integer(), fc.double(), fc.maxSafeInteger());
    case 'number':
      return fc.double();
    default:
      return schema.enum === undefined ? fc.string({ maxLength: 30 }) : fc.constantFrom(...schema.enum);
  }
}

describe.each(lifted)('$action, nearly right', (row) => {
  it('is refused with a code, or lifted without a throw and with every liberty noted', () => {
    // Goal: nothing that passes the check can break the lift, and nothing is forgiven in silence.
    fc.assert(
      fc.property(nearly(row.request), (payload) => {
        const text = JSON.stringify([2, 'm1', row.action, payload]);
        const frame = parseFrame(text);
        if (frame.kind !== 'call') return;
        const checked = checkCall('1.6', row.action, frame.payload, { text });
        if (!checked.ok) {
          expect(checked.error.description.length).toBeGreaterThan(0);
          return;
        }
        const report = lift('1.6', row.action, checked.payload, { receivedAt, text, deviations: checked.deviations });
        expect(report.type).toBe(row.report);
        expect(report).toStrictEqual(JSON.parse(JSON.stringify(report)));
        expect(readRfc(report.occurredAt)).toBe(true);
        for (const { samples } of 'readings' in report.data ? report.data.readings : []) {
          expect(JSON.parse(samples)).not.toHaveLength(0);
        }
        if (!validatorOf(row.request)(frame.payload)) expect(report.deviations ?? []).not.toEqual([]);
      }),
      { numRuns: 300 },
    );
  });
});

function readRfc(text: string): boolean {
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(text);
}

describe('checkCall', () => {
  it('gives a clean payload back as it is, and never changes what it was given', () => {
    // Goal: the fast path copies nothing, the slow one touches nothing of the sender's.
    const clean = { connectorId: 1, idTag: 'T', meterStart: 0, timestamp: '2026-11-22T09:00:00Z' };
    const checked = checkCall('1.6', 'StartTransaction', clean);
    expect(checked.ok && checked.payload).toBe(clean);
    const odd = Object.freeze({ ...clean, idTag: Object.freeze(['x']), connectorId: '1', extra: Object.freeze({}) });
    const before = JSON.stringify(odd);
    checkCall('1.6', 'StartTransaction', odd);
    expect(JSON.stringify(odd)).toBe(before);
  });
});

const paramsOf = fc.record(
  {
    evseId: fc.oneof(fc.integer({ min: -1, max: 5 }), anything),
    connectorId: fc.integer({ min: 0, max: 2 }),
    idToken: oddText,
    group: oddText,
    mode: fc.constantFrom('Immediate', 'OnIdle', 'Hard'),
    operational: fc.boolean(),
    keys: fc.array(oddText, { maxLength: 4 }),
    variables: fc.array(fc.record({ key: oddText, value: fc.oneof(oddText, fc.boolean(), fc.double()) }), {
      maxLength: 3,
    }),
    vendorId: oddText,
    messageId: oddText,
    data: oddText,
    ocppTransactionId: fc.oneof(fc.integer(), fc.double()),
    transaction: oddText,
  },
  { requiredKeys: [] },
);

const ownMembers: Readonly<Record<string, readonly string[]>> = {
  RequestStartTransaction: ['evseId', 'idToken', 'group'],
  RequestStopTransaction: ['transaction', 'ocppTransactionId'],
  UnlockConnector: ['evseId', 'connectorId'],
  Reset: ['mode'],
  ChangeAvailability: ['evseId', 'operational'],
  GetVariables: ['keys'],
  SetVariables: ['variables'],
  ClearCache: [],
  DataTransfer: ['vendorId', 'messageId', 'data'],
};

describe('lowerCommand', () => {
  it.each(Object.keys(ownMembers))('%s gives only payloads that pass, or says what is wrong', (type) => {
    // Goal: nothing leaves that the version's schema refuses. DESIGN: property test, lower then validate.
    const known = commandTypes.find((each) => each === type);
    if (known === undefined) throw new Error(`no command type ${type}`);
    let calls = 0;
    fc.assert(
      fc.property(paramsOf, fc.option(fc.integer({ min: 1, max: 100 }), { nil: undefined }), (all, id) => {
        const params = Object.fromEntries(Object.entries(all).filter(([name]) => ownMembers[type]?.includes(name)));
        const lowered = lowerCommand('1.6', known, params, id === undefined ? {} : { ocppTransactionId: id });
        if ('invalid' in lowered) {
          expect(lowered.invalid.length).toBeGreaterThan(0);
          return;
        }
        if (!('calls' in lowered)) throw new Error('not supported');
        for (const { action, payload } of lowered.calls) {
          const row = catalogueOf('1.6').rows.get(action);
          expect(row === undefined ? 'no row' : firstViolation(row.request, payload)).toBeUndefined();
          calls += 1;
        }
      }),
      { numRuns: 500 },
    );
    expect(calls).toBeGreaterThan(0);
  });
});

describe('checkResult', () => {
  it('reads any answer of a station without a throw', () => {
    // Goal: 8.3: whatever a station answers, the command ends.
    const central = rows.filter((row) => row.sender !== 'station');
    for (const row of central) {
      fc.assert(
        fc.property(nearly(row.response), (payload) => {
          const checked = checkResult('1.6', row.action, payload);
          if (!checked.ok) return;
          expect(isRecord(checked.payload)).toBe(true);
          expect(['accepted', 'rejected']).toContain(outcomeOf(checked.payload).outcome);
          if (!validatorOf(row.response)(payload)) expect(checked.deviations).not.toEqual([]);
        }),
        { numRuns: 100 },
      );
    }
  });
});
