import type { Receipt, Report } from '@busbar/events';
import { type StationClient, waitUntil } from '@busbar/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Bench, bench, type GatewayUnderTest } from './gateway-under-test.js';

let b: Bench;
let gateway: GatewayUnderTest;
let count = 0;

beforeAll(async () => {
  b = await bench();
  gateway = await b.gateway();
});
afterAll(() => b.close());

async function station(session: Parameters<Bench['services']['know']>[1] = {}) {
  count += 1;
  const known = b.services.know(`M${count}`, session);
  return { station: await b.station(gateway, known.identity), id: known.station };
}

const status = { connectorId: 1, errorCode: 'NoError', status: 'Available' };
const start = { connectorId: 1, idTag: 'TAG', meterStart: 0, timestamp: '2026-11-22T10:00:00Z' };
const meter = {
  connectorId: 1,
  transactionId: 1,
  meterValue: [{ timestamp: '2026-11-22T10:00:00Z', sampledValue: [{ value: '1' }] }],
};

/** The text of the last frame that the station got. */
function lastIn(client: StationClient): string | undefined {
  return client.frames.filter((frame) => frame.direction === 'in').at(-1)?.text;
}

describe('answers', () => {
  // Each action is answered with what its service said, under the same id.
  it('come from the services', async () => {
    const { station: s, id } = await station();
    expect(await s.ask('BootNotification', { chargePointVendor: 'V', chargePointModel: 'M' })).toEqual({
      status: 'Accepted',
      interval: 300,
      currentTime: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
    });
    expect(await s.ask('StatusNotification', status)).toEqual({});
    expect(await s.ask('Authorize', { idTag: 'TAG' })).toEqual({ idTagInfo: { status: 'Accepted' } });
    expect(await s.ask('StartTransaction', start)).toEqual({
      transactionId: expect.any(Number),
      idTagInfo: { status: 'Accepted' },
    });
    expect(await s.ask('MeterValues', meter)).toEqual({});
    expect(await s.ask('Heartbeat', {})).toEqual({ currentTime: expect.any(String) });
    const types = b.services.reports.filter((report) => report.station === id).map((report) => report.type);
    expect(types).toEqual([
      'station.connected',
      'station.booted',
      'station.ready',
      'connector.statusChanged',
      'authorization.requested',
      'transaction.started',
      'meter.sampled',
    ]);
  });

  // The envelope: one epoch per connection, a number that rises, the raw text of billing messages.
  it('are asked for with the envelope of the connection', async () => {
    const { station: s, id } = await station();
    await s.ask('StatusNotification', status, { messageId: 'first' });
    await s.ask('MeterValues', meter, { messageId: 'second' });
    const reports = b.services.reports.filter((report) => report.station === id);
    const epochs = new Set(reports.map((report) => report.source.epoch));
    expect(epochs.size).toBe(1);
    expect(Math.abs([...epochs].map((epoch) => epoch / 1000)[0] ?? 0) - Date.now()).toBeLessThan(10_000);
    expect(new Set(reports.map((report) => report.source.seq)).size).toBe(reports.length);
    const sampled: Report | undefined = reports.find((report) => report.type === 'meter.sampled');
    expect(sampled?.source).toEqual({
      version: '1.6',
      transport: 'ws',
      action: 'MeterValues',
      messageId: 'second',
      gateway: gateway.id,
      epoch: [...epochs][0],
      seq: expect.any(Number),
    });
    // Clean: its samples hold every text, and the frame would double what travels.
    expect(sampled?.raw).toBeUndefined();
  });

  // Several CALLs at once: one after the other to the services, all answered in order.
  it('come in order when a station sends several at once', async () => {
    const { station: s, id } = await station();
    let open = 0;
    let most = 0;
    b.services.onBatch = async (batch) => {
      const mine = batch.reports.filter((report) => report.station === id && report.type === 'meter.sampled').length;
      open += mine;
      most = Math.max(most, open);
      await new Promise((resolve) => setTimeout(resolve, 5));
      open -= mine;
      return batch.reports.map((report) => b.services.receipt(report));
    };
    const ids = Array.from({ length: 12 }, (_, n) => `m${n}`);
    await Promise.all(ids.map((messageId) => s.ask('MeterValues', meter, { messageId })));
    b.services.onBatch = async (batch) => batch.reports.map((report) => b.services.receipt(report));
    const answers = s.frames.filter((frame) => frame.direction === 'in').map(({ text }) => JSON.parse(text)[1]);
    expect(answers).toEqual(ids);
    expect(most).toBe(1);
  });

  // One station's slow answer holds up nobody else, nor its own heartbeat to another connection.
  it('do not wait for other stations', async () => {
    const { station: slow, id } = await station();
    const { station: fast } = await station();
    let release: () => void = () => undefined;
    const blocked = new Promise<void>((resolve) => {
      release = resolve;
    });
    b.services.onBatch = async (batch) => {
      if (batch.reports.some((report) => report.station === id && report.type === 'meter.sampled')) await blocked;
      return batch.reports.map((report) => b.services.receipt(report));
    };
    const waiting = slow.ask('MeterValues', meter);
    await waitUntil('it is asked', () => b.services.of('meter.sampled', id).length === 1);
    for (let n = 0; n < 20; n += 1) await fast.ask('MeterValues', meter);
    release();
    await waiting;
    b.services.onBatch = async (batch) => batch.reports.map((report) => b.services.receipt(report));
  });

  // A refusal of the service is told in the version's words.
  it('are a CALLERROR where the service refuses', async () => {
    const { station: s } = await station();
    b.services.onBatch = async (batch) =>
      batch.reports.map(
        (report): Receipt =>
          report.type === 'vendor.dataReceived' ? { refused: 'SecurityError' } : b.services.receipt(report),
      );
    expect(await s.call('DataTransfer', { vendorId: 'x' })).toMatchObject({ kind: 'error', code: 'SecurityError' });
    b.services.onBatch = async (batch) => batch.reports.map((report) => b.services.receipt(report));
  });
});

describe('registration', () => {
  // Not yet accepted: SecurityError for everything but the boot; after it everything.
  it.each([
    { registration: 'accepted', everAccepted: false },
    { registration: 'pending', everAccepted: true },
    { registration: 'rejected', everAccepted: true },
  ] as const)('holds back a station that is %s', async (session) => {
    const { station: s, id } = await station(session);
    for (const [action, payload] of [
      ['Heartbeat', {}],
      ['StatusNotification', status],
      ['StartTransaction', start],
      ['NoSuchAction', {}],
    ] as const) {
      expect(await s.call(action, payload)).toMatchObject({ kind: 'error', code: 'SecurityError' });
    }
    expect(b.services.of('connector.statusChanged', id)).toEqual([]);
    await s.ask('BootNotification', { chargePointVendor: 'V', chargePointModel: 'M' });
    await s.ask('StatusNotification', status);
  });

  // The service's word is followed at once: a station that is told Pending stays held back.
  it('follows the answer to the boot', async () => {
    const { station: s, id } = await station();
    b.services.onBatch = async (batch) =>
      batch.reports.map(
        (report): Receipt =>
          report.type === 'station.booted' && report.station === id
            ? { answer: { status: 'pending', intervalSeconds: 5 } }
            : b.services.receipt(report),
      );
    await s.ask('StatusNotification', status);
    expect(await s.ask('BootNotification', { chargePointVendor: 'V', chargePointModel: 'M' })).toMatchObject({
      status: 'Pending',
      interval: 5,
    });
    expect(await s.call('StatusNotification', status)).toMatchObject({ kind: 'error', code: 'SecurityError' });
    b.services.onBatch = async (batch) => batch.reports.map((report) => b.services.receipt(report));
    await b.bus.request(
      b.bus.subjects.gatewaySession(gateway.id),
      { station: id, registration: 'accepted' },
      { timeoutMs: 1000 },
    );
    await s.ask('StatusNotification', status);
  });
});

describe('duplicates', () => {
  // Same id, same content, answered before: the same answer, nothing reported.
  it('get the stored answer', async () => {
    const { station: s, id } = await station();
    const frame = JSON.stringify([2, 'same', 'StartTransaction', start]);
    const first = s.answerTo('same');
    s.sendRaw(frame);
    await first;
    const answer = lastIn(s);
    const second = s.answerTo('same');
    s.sendRaw(frame);
    await second;
    expect(lastIn(s)).toBe(answer);
    expect(b.services.of('transaction.started', id).length).toBe(1);
  });

  // A heartbeat too, whose answer holds the time.
  it('get the same time', async () => {
    const { station: s } = await station();
    await s.ask('Heartbeat', {}, { messageId: 'beat' });
    const answer = lastIn(s);
    await waitUntil('the clock has moved', () => !answer?.includes(new Date().toISOString()));
    await s.ask('Heartbeat', {}, { messageId: 'beat' });
    expect(lastIn(s)).toBe(answer);
  });

  // Same id, same content, still in flight: one answer for both.
  it('join the one in flight', async () => {
    const { station: s, id } = await station();
    let release: () => void = () => undefined;
    const blocked = new Promise<void>((resolve) => {
      release = resolve;
    });
    b.services.onBatch = async (batch) => {
      if (batch.reports.some((report) => report.station === id && report.type === 'meter.sampled')) await blocked;
      return batch.reports.map((report) => b.services.receipt(report));
    };
    const frame = JSON.stringify([2, 'joined', 'MeterValues', meter]);
    const answered = s.answerTo('joined');
    s.sendRaw(frame);
    s.sendRaw(frame);
    s.sendRaw(frame);
    await waitUntil('it is asked', () => b.services.of('meter.sampled', id).length === 1);
    release();
    await answered;
    await s.ask('Heartbeat', {}, { messageId: 'after' });
    b.services.onBatch = async (batch) => batch.reports.map((report) => b.services.receipt(report));
    const answers = s.frames.filter((one) => one.direction === 'in').map(({ text }) => JSON.parse(text)[1]);
    expect(answers).toEqual(['joined', 'after']);
    expect(b.services.of('meter.sampled', id).length).toBe(1);
  });

  // Same id, other content: another message, served like any other.
  it('are served when the content differs', async () => {
    const { station: s, id } = await station();
    await s.ask('StartTransaction', start, { messageId: 'again' });
    await s.ask('StartTransaction', { ...start, meterStart: 7 }, { messageId: 'again' });
    expect(b.services.of('transaction.started', id).length).toBe(2);
  });

  // An error is not remembered: the message may be taken when it comes again.
  it('are served anew after an error', async () => {
    const { station: s, id } = await station({ registration: 'pending' });
    const error = await s.call('StatusNotification', status, { messageId: 'retry' });
    expect(error.kind).toBe('error');
    await b.bus.request(
      b.bus.subjects.gatewaySession(gateway.id),
      { station: id, registration: 'accepted' },
      { timeoutMs: 1000 },
    );
    await s.ask('StatusNotification', status, { messageId: 'retry' });
  });

  // A new connection remembers nothing of the old one.
  it('end with the connection', async () => {
    const { station: s, id } = await station();
    await s.ask('MeterValues', meter, { messageId: 'over' });
    await s.close();
    const again = await b.station(gateway, s.identity);
    await again.ask('MeterValues', meter, { messageId: 'over' });
    expect(b.services.of('meter.sampled', id).length).toBe(2);
  });
});

describe('bad frames', () => {
  // Each gets what the rules say, and the next message on the connection is served.
  it.each([
    ['[9,"x"]', null],
    ['[1,"x","y",{}]', null],
    ['{"a":1}', null],
    ['nothing', null],
    ['[]', null],
    ['[2]', null],
    ['', null],
    ['[3,"nobody",{}]', null],
    ['[4,"nobody","InternalError","",{}]', null],
    ['[2,"a","Heartbeat",{}', 'FormationViolation'],
    ['[2,"a"]', 'FormationViolation'],
    ['[2,"a",5,{}]', 'FormationViolation'],
    ['[2,"a","Heartbeat","text"]', 'FormationViolation'],
    ['[2,"a","NoSuchAction",{}]', 'NotImplemented'],
    ['[2,"a","heartbeat",{}]', 'NotImplemented'],
    ['[2,"a","Reset",{"type":"Hard"}]', 'NotSupported'],
    ['[2,"a","Authorize",{}]', 'OccurenceConstraintViolation'],
    ['[2,"a","Authorize",{"idTag":{}}]', 'TypeConstraintViolation'],
    [`[2,"a","DataTransfer",${'['.repeat(40)}${']'.repeat(40)}]`, 'FormationViolation'],
  ])('%s', async (text, code) => {
    const { station: s } = await station();
    s.sendRaw(text);
    await s.ask('Heartbeat', {}, { messageId: 'next' });
    const answers = s.frames.filter((frame) => frame.direction === 'in').map((frame) => JSON.parse(frame.text));
    expect(answers.map((answer) => [answer[0], answer[1]])).toEqual([...(code ? [[4, 'a']] : []), [3, 'next']]);
    if (code) expect(answers[0][2]).toBe(code);
  });

  // Null and missing payloads, numbers as ids: taken, and the id goes back as it came.
  it.each([
    ['[2,"a","Heartbeat",null]', '[3,"a",'],
    ['[2,"a","Heartbeat"]', '[3,"a",'],
    ['[2,12345678901234567890,"Heartbeat",{}]', '[3,12345678901234567890,'],
    [`[2,"${'x'.repeat(255)}","Heartbeat",{}]`, `[3,"${'x'.repeat(255)}",`],
    ['[2,"a","Heartbeat",{"extra":1}]', '[3,"a",'],
  ])('takes %s', async (text, head) => {
    const { station: s } = await station();
    s.sendRaw(text);
    const answer = await waitUntil('it is answered', () => lastIn(s));
    expect(answer.startsWith(head)).toBe(true);
  });

  // A strict station is refused what a tolerant one is forgiven.
  it('are refused to a strict station', async () => {
    const { station: s } = await station({ strict: true });
    expect(await s.call('Heartbeat', { extra: 1 })).toMatchObject({ kind: 'error' });
    expect((await s.call('Heartbeat', {})).kind).toBe('result');
  });

  // Ten in a row close the connection; a good one in between starts the count anew.
  it('close the connection after ten in a row', async () => {
    const { station: s } = await station();
    for (let n = 0; n < 9; n += 1) s.sendRaw('nothing');
    await s.ask('Heartbeat', {});
    for (let n = 0; n < 9; n += 1) s.sendRaw('nothing');
    await s.ask('Heartbeat', {});
    for (let n = 0; n < 10; n += 1) s.sendRaw('nothing');
    expect(await s.closed).toEqual({ code: 1002, reason: 'malformed' });
  });

  // What is no text is no OCPP-J.
  it('close 1003 when binary', async () => {
    const { station: s } = await station();
    s.sendRaw(Uint8Array.of(1, 2, 3));
    expect((await s.closed).code).toBe(1003);
  });

  // Too large, not UTF-8, reserved bits: the engine drops the connection. Others are served on.
  it('end the connection when the engine sees them', async () => {
    const { station: other } = await station();
    const { station: large } = await station();
    large.sendRaw(JSON.stringify([2, 'a', 'DataTransfer', { vendorId: 'x', data: 'x'.repeat(257 * 1024) }]));
    expect((await large.closed).code).toBe(1006);
    const { station: invalid } = await station();
    invalid.writeBytes(Uint8Array.of(0x81, 0x82, 0, 0, 0, 0, 0xc3, 0x28));
    await invalid.closed;
    const { station: reserved } = await station();
    reserved.writeBytes(Uint8Array.of(0xf1, 0x80, 0, 0, 0, 0));
    await reserved.closed;
    await other.ask('Heartbeat', {});
  });
});

describe('limits', () => {
  // The 17th unanswered CALL closes the connection.
  it('closes 1008 beyond sixteen unanswered CALLs', async () => {
    const { station: s, id } = await station();
    b.services.onBatch = async (batch) =>
      batch.reports.some((report) => report.station === id && report.type === 'meter.sampled')
        ? 'silence'
        : batch.reports.map((report) => b.services.receipt(report));
    for (let n = 0; n < 16; n += 1) s.send([2, `m${n}`, 'MeterValues', meter]);
    await waitUntil('the first is asked', () => b.services.of('meter.sampled', id).length === 1);
    expect(s.isOpen).toBe(true);
    s.send([2, 'm16', 'MeterValues', meter]);
    expect(await s.closed).toEqual({ code: 1008, reason: 'too-many-calls' });
    b.services.onBatch = async (batch) => batch.reports.map((report) => b.services.receipt(report));
  });

  // Faster than the soft rate: slowed down, nothing refused.
  it('slows down a station that is over its rate', async () => {
    const slow = await b.gateway({ settings: { messagesPerSecond: 20 } });
    const known = b.services.know('fast');
    const s = await b.station(slow, known.identity);
    for (let n = 0; n < 21; n += 1) await s.ask('Heartbeat', {});
    const startedAt = performance.now();
    for (let n = 0; n < 10; n += 1) expect((await s.call('Heartbeat', {})).kind).toBe('result');
    const tookMs = performance.now() - startedAt;
    expect(tookMs).toBeGreaterThan(300);
    expect(tookMs).toBeLessThan(3000);
  });

  // Several at once and over the rate: each waits from when it came, not one after the other.
  it('delays no message for the delay of another', async () => {
    const slow = await b.gateway({ settings: { messagesPerSecond: 20 } });
    const known = b.services.know('burst');
    const s = await b.station(slow, known.identity);
    const startedAt = performance.now();
    for (let round = 0; round < 3; round += 1) {
      const ids = Array.from({ length: 12 }, (_, n) => `${round}-${n}`);
      await Promise.all(ids.map((messageId) => s.ask('Heartbeat', {}, { messageId })));
    }
    expect(performance.now() - startedAt).toBeLessThan(1500);
  });

  // Answers to nothing are no CALLs, but no way around the limit either.
  it('ends a flood of answers', async () => {
    const { station: s, id } = await station();
    for (let n = 0; n < 1700; n += 1) s.sendRaw('[3,"nobody",{}]');
    await s.closed;
    // The close frame may be lost behind what the station had still sent; the report is not.
    const gone = await waitUntil('it is reported', () => b.services.of('station.disconnected', id)[0]);
    expect(gone.data).toEqual({ code: 1008, reason: 'too-fast' });
  });

  // A flood ends in 1008 and touches nobody else.
  it('ends a flood', async () => {
    const { station: other } = await station();
    const { station: s } = await station();
    const flood = setInterval(() => {
      for (let n = 0; n < 50 && s.isOpen; n += 1) s.send([2, `${Math.random()}`, 'Heartbeat', {}]);
    }, 10);
    const { code } = await s.closed;
    clearInterval(flood);
    expect(code).toBe(1008);
    await other.ask('Heartbeat', {});
  });
});
