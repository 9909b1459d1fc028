import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type BadFrame, parseFrame } from './parse.js';

const bad = (text: string, strict = false): BadFrame => {
  const frame = parseFrame(text, { strict });
  if (frame.kind !== 'bad') throw new Error(`a good frame: ${text}`);
  return frame;
};
const answered = (literal: string, detail: string) => `[4,${literal},"FormationViolation","${detail}",{}]`;

describe('a CALL', () => {
  it('is read whole', () => {
    // Goal: the four elements, and the text that they were in.
    const text = '[2,"m1","Heartbeat",{"a":1}]';
    expect(parseFrame(text)).toEqual({
      kind: 'call',
      messageId: 'm1',
      action: 'Heartbeat',
      payload: { a: 1 },
      text,
      deviations: [],
    });
  });

  it.each(['[2,"m1","Heartbeat",null]', '[2,"m1","Heartbeat"]', '[2,"m1","Heartbeat",{},7]'])(
    'is served without or with too many elements: %s',
    (text) => {
      // Goal: M-01: null and a missing payload are {}; more than four elements are noted.
      expect(parseFrame(text)).toMatchObject({ kind: 'call', payload: {} });
    },
  );

  it('keeps a payload that is no object for the check to judge', () => {
    // Goal: M-21: a billing message is not lost to its frame.
    expect(parseFrame('[2,"m1","StopTransaction",[1]]')).toMatchObject({ kind: 'call', payload: [1] });
  });

  it.each([
    ['[2,7,"Heartbeat",{}]', '7'],
    ['[ 2 , -7 , "Heartbeat",{}]', '-7'],
    ['[2,12345678901234567890,"Heartbeat",{}]', '12345678901234567890'],
    ['[2,1.5,"Heartbeat",{}]', '1.5'],
  ])('takes a number as id and keeps its digits: %s', (text, messageId) => {
    // Goal: M-04: the id is echoed as the number that it was.
    expect(parseFrame(text)).toMatchObject({
      kind: 'call',
      messageId,
      numericId: true,
      deviations: [{ rule: 'M-04', detail: 'a number as message id' }],
    });
  });

  it('takes an id of 255 characters and none of 256', () => {
    // Goal: M-04: tolerant up to a bound, so that no station makes us echo what it likes.
    expect(parseFrame(`[2,"${'a'.repeat(255)}","Heartbeat",{}]`)).toMatchObject({ kind: 'call' });
    expect(bad(`[2,"${'a'.repeat(256)}","Heartbeat",{}]`)).toMatchObject({
      failure: 'bad-id',
      answer: answered('"-1"', 'the message id is no text of 1 to 36 characters'),
    });
  });

  it.each([
    ['[2,"","Heartbeat",{}]', '""'],
    ['[2,null,"Heartbeat",{}]', '"-1"'],
    ['[2,{},"Heartbeat",{}]', '"-1"'],
  ])('without an id is refused by %s', (text, literal) => {
    // Goal: M-04: an empty id is echoed, no id is -1.
    expect(bad(text)).toMatchObject({
      failure: 'bad-id',
      answer: answered(literal, 'the message id is no text of 1 to 36 characters'),
    });
  });

  it.each(['[2,"m1",7,{}]', '[2,"m1"]', '[2,"m1",null,{}]'])('without an action is refused: %s', (text) => {
    // Goal: M-20: the frame has no structure that could be served.
    expect(bad(text)).toMatchObject({ failure: 'bad-call', answer: answered('"m1"', 'the action is no text') });
  });

  it.each([
    ['[2,7,"Heartbeat",{}]', '7', 'a number as message id'],
    [`[2,"${'a'.repeat(37)}","Heartbeat",{}]`, `"${'a'.repeat(37)}"`, 'message id over 36 characters'],
    ['[2,"m1","Heartbeat"]', '"m1"', 'no payload element'],
    ['[2,"m1","Heartbeat",{},1]', '"m1"', 'more than four elements'],
  ])('that strays is refused by a strict reader: %s', (text, literal, detail) => {
    // Goal: strict mode tells what it found instead of noting it.
    expect(bad(text, true)).toMatchObject({ failure: 'bad-call', answer: answered(literal, detail) });
  });

  it('does no harm with __proto__', () => {
    // Goal: M-24: it is a member like another, the last of two counts, and no prototype changes.
    const frame = parseFrame('[2,"m1","A",{"__proto__":{"x":1},"a":1,"a":2}]');
    expect(frame).toMatchObject({ kind: 'call', payload: { a: 2 } });
    expect(Object.getPrototypeOf(frame.kind === 'call' ? frame.payload : null)).toBe(Object.prototype);
    expect(Object.hasOwn(Object.prototype, 'x')).toBe(false);
  });
});

describe('an answer', () => {
  it('is read whole', () => {
    // Goal: M-01: null and a missing payload are {}.
    const text = '[3,"m1",{"status":"Accepted"}]';
    expect(parseFrame(text)).toEqual({
      kind: 'result',
      messageId: 'm1',
      payload: { status: 'Accepted' },
      text,
      deviations: [],
    });
    expect(parseFrame('[3,"m1",null]')).toMatchObject({ kind: 'result', payload: {} });
    expect(parseFrame('[3,"m1"]')).toMatchObject({
      payload: {},
      deviations: [{ rule: 'M-01', detail: 'not three elements' }],
    });
  });

  it('of the wrong shape fails our CALL and is not answered', () => {
    // Goal: M-08: the pending CALL ends at once; 1.6 has no message to complain with.
    expect(bad('[3,"m1","Accepted"]')).toEqual({
      kind: 'bad',
      failure: 'bad-result',
      detail: 'the payload is no object',
      text: '[3,"m1","Accepted"]',
      messageId: 'm1',
    });
    expect(bad('[3,{},{}]')).toMatchObject({ failure: 'bad-result' });
    expect(bad('[4,"m1",7]')).toMatchObject({ failure: 'bad-error', messageId: 'm1' });
  });

  it.each([
    ['[4,"m1","GenericError"]', 'GenericError', '', {}],
    ['[4,"m1","FormationViolation","why"]', 'FormatViolation', 'why', {}],
    ['[4,"m1","OccurenceConstraintViolation","why","text"]', 'OccurrenceConstraintViolation', 'why', { value: 'text' }],
    ['[4,"m1","FormatViolation",null,null]', 'FormatViolation', '', {}],
    ['[4,"m1","RpcFrameworkError","",{"a":1},7]', 'RpcFrameworkError', '', { a: 1 }],
  ])('of error is read with three to five elements: %s', (text, code, description, details) => {
    // Goal: M-02: everything that stations make of a CALLERROR.
    expect(parseFrame(text)).toEqual({ kind: 'error', messageId: 'm1', code, description, details, text });
  });
});

describe('what is no frame', () => {
  it.each([
    ['{"a":1}', 'not-an-array'],
    ['7', 'not-an-array'],
    ['null', 'not-an-array'],
    ['[]', 'too-short'],
    ['[2]', 'too-short'],
    ['', 'not-json'],
    ['hello', 'not-json'],
    ['[1,"m1","Heartbeat",{}]', 'unknown-type'],
    ['[5,"m1"]', 'unknown-type'],
    ['["2","m1","Heartbeat",{}]', 'unknown-type'],
    ['[[2,"m1"]]', 'unknown-type'],
  ])('has a name and no answer: %s', (text, failure) => {
    // Goal: M-06, M-07: there is nobody to be told.
    const frame = bad(text);
    expect(frame.failure).toBe(failure);
    expect(frame).not.toHaveProperty('answer');
    expect(frame).not.toHaveProperty('messageId');
  });

  it.each([
    ['[2,"m1","StopTransaction",{"transactionId":', '"m1"'],
    ['[,2,"m1","Heartbeat",{}]', '"m1"'],
    [' [ 2 , 17 , "Heartbeat", {a:1}]', '17'],
    ['[2,"m\\"1","Heartbeat",{]', '"m\\"1"'],
  ])('is answered where type 2 and the id can be read: %s', (text, literal) => {
    // Goal: M-07: a station with broken JSON is not left waiting.
    expect(bad(text)).toMatchObject({ failure: 'not-json', answer: answered(literal, 'the frame is not json') });
  });

  it('fails our CALL where type 3 and the id can be read', () => {
    // Goal: M-08: a GetConfiguration answer that was cut off ends the CALL at once.
    expect(bad('[3,"m1",{"configurationKey":[{"key":"a"')).toMatchObject({ failure: 'not-json', messageId: 'm1' });
    expect(bad('[3,"m1",{"configurationKey":[{"key":"a"')).not.toHaveProperty('answer');
  });

  it('is too deep at 33 and not at 32', () => {
    // Goal: M-16: the bound is exact, and what nests deeper never reaches the parser.
    const nested = (depth: number) => `[2,"m1","A",${'['.repeat(depth - 1)}${']'.repeat(depth - 1)}]`;
    expect(parseFrame(nested(32))).toMatchObject({ kind: 'call' });
    expect(bad(nested(33))).toMatchObject({ failure: 'too-deep', answer: answered('"m1"', 'the frame is too deep') });
  });

  it('has too many items at 5001 and not at 5000', () => {
    // Goal: one list cannot make the work of a hundred messages.
    const listed = (items: number) => `[2,"m1","A",[${Array.from({ length: items }, () => '1000000').join(',')}]]`;
    expect(parseFrame(listed(5000))).toMatchObject({ kind: 'call' });
    expect(bad(listed(5001))).toMatchObject({ failure: 'too-many-items' });
  });

  it('never throws, whatever the text', () => {
    // Goal: any text gives a named outcome, also one that begins like a frame.
    const start = fc.constantFrom('', '[2,"m1",', '[3,"m1",', '[4,"m1",', '[2,', '[', '[,2,"m1",');
    fc.assert(
      fc.property(start, fc.string({ unit: 'binary' }), (head, rest) => {
        const frame = parseFrame(head + rest);
        expect(['call', 'result', 'error', 'bad']).toContain(frame.kind);
      }),
    );
    fc.assert(
      fc.property(fc.array(fc.jsonValue(), { maxLength: 6 }), fc.constantFrom(2, 3, 4), (rest, type) => {
        expect(parseFrame(JSON.stringify([type, ...rest]))).toHaveProperty('kind');
      }),
    );
  });
});
