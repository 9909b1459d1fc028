import type { CommandOutcome, GatewayId, StationId, TenantId } from '@busbar/domain';
import { TimeOrderedIds } from '@busbar/domain';
import { describe, expect, it } from 'vitest';
import { type Command, callInFlight } from './command.js';
import type { CommandEvent, Verdict } from './command-event.js';
import { draft, notSupported, queued, type Wish } from './draft.js';
import { transition } from './transition.js';

const ids = new TimeOrderedIds();
const hard = { type: 'Hard' };
const t0 = new Date('2026-01-01T00:00:00.000Z');
const at = (seconds: number) => new Date(t0.getTime() + seconds * 1_000);
const gateway = 'gateway-1' as GatewayId;
const other = 'gateway-2' as GatewayId;

function wish(changes: Partial<Wish> = {}): Wish {
  return {
    tenant: 'default' as TenantId,
    station: 'station-1' as StationId,
    identity: 'CP-1',
    version: '1.6',
    type: 'Reset',
    params: { mode: 'Immediate' },
    whenOffline: 'fail',
    deadlineSeconds: 60,
    calls: [{ action: 'Reset', payload: hard, shown: hard, timeoutMs: 30_000 }],
    expectation: { kind: 'station.booted' },
    ...changes,
  };
}

const three = wish({
  type: 'SetVariables',
  expectation: null,
  calls: ['a', 'b', 'c'].map((key) => {
    const payload = { key, value: '1' };
    return { action: 'ChangeConfiguration', payload, shown: payload, timeoutMs: 30_000 };
  }),
});

const make = (changes: Partial<Wish> = {}): Command => queued(draft(wish(changes), t0, ids));
const play = (command: Command, ...events: CommandEvent[]): Command => events.reduce(transition, command);

const claim = (seconds = 0): CommandEvent => ({
  kind: 'claimed',
  at: at(seconds),
  claim: 'claim',
  gateway,
  epoch: 5,
  settleBy: at(seconds + 45),
});

const yes: Verdict = { outcome: 'accepted', detail: 'Accepted', response: { status: 'Accepted' }, error: null };
const no: Verdict = { outcome: 'rejected', detail: 'Rejected', response: { status: 'Rejected' }, error: null };
const callError: Verdict = {
  outcome: 'error',
  detail: 'GenericError',
  response: null,
  error: { code: 'GenericError', description: '', details: {} },
};
const silence: Verdict = { outcome: 'unknown', detail: 'timed-out', response: null, error: null };

function messageOf(command: Command, ordinal = 0): string {
  return command.calls[ordinal]?.messageId ?? '';
}

const written = (command: Command, seconds = 1, ordinal = 0): CommandEvent => ({
  kind: 'written',
  messageId: messageOf(command, ordinal),
  at: at(seconds),
});
const answer = (command: Command, verdict: Verdict, seconds = 2, ordinal = 0): CommandEvent => ({
  kind: 'answered',
  messageId: messageOf(command, ordinal),
  sentAt: null,
  at: at(seconds),
  verdict,
});
const lost = (command: Command, ordinal = 0): CommandEvent => ({
  kind: 'lost',
  messageId: messageOf(command, ordinal),
  at: at(3),
  reason: 'gateway-gone',
  repeatAs: 'again',
});
const returned = (command: Command): CommandEvent => ({
  kind: 'returned',
  messageId: messageOf(command),
  at: at(1),
  notBefore: at(2),
});
const unreachable: CommandEvent = { kind: 'unreachable', at: at(1), notBefore: at(3) };
const expired: CommandEvent = { kind: 'expired', at: at(60) };
const cancelled: CommandEvent = { kind: 'withdrawn', at: at(5), detail: 'cancelled' };
const effect: CommandEvent = { kind: 'effect', effect: { kind: 'station.booted', at: at(9), ref: null } };

describe('the way of a command', () => {
  it('goes from queued over sending and sent to ended', () => {
    // Goal: every state is passed and noted once, with the gateway, and the answer is kept.
    const command = make();
    const ended = play(command, claim(), written(command), answer(command, yes));
    expect(ended.timeline).toEqual([
      { state: 'queued', at: t0, gateway: null },
      { state: 'sending', at: t0, gateway },
      { state: 'sent', at: at(1), gateway },
      { state: 'ended', at: at(2), gateway },
    ]);
    expect(ended).toMatchObject({
      state: 'ended',
      outcome: 'accepted',
      detail: 'Accepted',
      endedAt: at(2),
      settleBy: null,
    });
    expect(ended.calls).toMatchObject([
      { state: 'ended', outcome: 'accepted', response: { status: 'Accepted' }, sentAt: at(1), answeredAt: at(2) },
    ]);
  });

  it.each([
    ['accepted', yes],
    ['rejected', no],
    ['error', callError],
    ['unknown', silence],
  ] satisfies [CommandOutcome, Verdict][])('ends %s as the CALL did', (outcome, verdict) => {
    // Goal: the outcome is the CALL's own, also when the answer overtakes the report of the writing.
    const command = make();
    const ended = play(command, claim(), answer(command, verdict));
    expect([ended.state, ended.outcome, ended.detail]).toEqual(['ended', outcome, verdict.detail]);
    expect(ended.calls[0]?.answeredAt).toEqual(outcome === 'unknown' ? null : at(2));
  });

  it('ends at once when it is not supported', () => {
    // Goal: nothing is sent for what the version does not have.
    const ended = notSupported(draft(wish({ calls: [] }), t0, ids), 'no such thing in 1.6');
    expect([ended.state, ended.outcome, ended.detail, ended.endedAt]).toEqual([
      'ended',
      'not-supported',
      'no such thing in 1.6',
      t0,
    ]);
    expect(play(ended, claim(), unreachable, expired, cancelled, effect)).toBe(ended);
  });

  it('does not care how often it is told the same', () => {
    // Goal: reports come at least once; a repeat changes nothing at all.
    const command = make();
    const sent = play(command, claim(), written(command));
    expect(transition(sent, written(command, 7))).toBe(sent);
    expect(transition(sent, claim())).toBe(sent);
    const ended = transition(sent, answer(command, yes));
    for (const event of [
      answer(command, no),
      answer(command, silence),
      lost(command),
      expired,
      cancelled,
      returned(command),
    ]) {
      expect(transition(ended, event)).toBe(ended);
    }
  });

  it('ignores events of CALLs that are not its own', () => {
    // Goal: a foreign message id can never end a command (rule M-09).
    const sending = transition(make(), claim());
    const stranger = make();
    for (const event of [written(stranger), answer(stranger, yes), lost(stranger), returned(stranger)]) {
      expect(transition(sending, event)).toBe(sending);
    }
  });
});

describe('what was certainly not written', () => {
  it('waits again under the same message id', () => {
    // Goal: a refusal by the gateway costs nothing but time.
    const command = make();
    const back = play(command, claim(), returned(command));
    expect(back).toMatchObject({ state: 'queued', notBefore: at(2), refusals: 1, settleBy: null });
    expect(back.calls[0]).toMatchObject({ state: 'waiting', messageId: messageOf(command) });
    expect(transition(back, claim(3)).state).toBe('sending');
  });

  it('goes to another gateway without leaving its place', () => {
    // Goal: a stale route is followed by a new one, both to be seen in the timeline.
    const command = make();
    const rerouted = play(command, claim(), {
      kind: 'rerouted',
      messageId: messageOf(command),
      at: at(1),
      gateway: other,
      epoch: 6,
      settleBy: at(50),
    });
    expect(rerouted).toMatchObject({ state: 'sending', gateway: other, epoch: 6, settleBy: at(50) });
    expect(rerouted.timeline.map((entry) => entry.gateway)).toEqual([null, gateway, other]);
  });

  it('is not believed to be unwritten once it was reported as written', () => {
    // Goal: between two words about one CALL, the one that forbids a second sending counts.
    const command = make();
    const sent = play(command, claim(), written(command));
    expect(transition(sent, returned(command))).toBe(sent);
    expect(
      transition(sent, {
        kind: 'rerouted',
        messageId: messageOf(command),
        at: at(2),
        gateway: other,
        epoch: 6,
        settleBy: at(50),
      }),
    ).toBe(sent);
  });

  it('ends not-sent when nobody holds the station and the caller chose to fail', () => {
    // Goal: offline is said at once, and no CALL is left that could still go out.
    const ended = transition(make(), unreachable);
    expect([ended.state, ended.outcome, ended.detail]).toEqual(['ended', 'not-sent', 'offline']);
    expect(ended.calls).toMatchObject([{ state: 'ended', outcome: 'not-sent' }]);
    expect(transition(ended, claim())).toBe(ended);
  });

  it('stays queued when the caller chose to wait, until its deadline', () => {
    // Goal: waiting has an end, and the end has its own name.
    const waiting = transition(make({ whenOffline: 'wait' }), unreachable);
    expect(waiting).toMatchObject({ state: 'queued', refusals: 1, notBefore: at(3) });
    const ended = transition(waiting, expired);
    expect([ended.state, ended.outcome, ended.endedAt]).toEqual(['ended', 'expired', at(60)]);
  });

  it('can be cancelled, and only then', () => {
    // Goal: what may be on the wire can't be called back.
    const ended = transition(make(), cancelled);
    expect([ended.outcome, ended.detail]).toEqual(['not-sent', 'cancelled']);
    const sending = transition(make(), claim());
    expect(transition(sending, cancelled)).toBe(sending);
    expect(transition(sending, expired)).toBe(sending);
  });
});

describe('what nobody knows', () => {
  it('is unknown, and a late answer replaces that', () => {
    // Goal: an answer after the time-out says what the station did (rule M-09), and only unknown gives way.
    const command = make();
    const unknown = play(command, claim(), written(command), lost(command));
    expect([unknown.outcome, unknown.detail, unknown.endedAt]).toEqual(['unknown', 'gateway-gone', at(3)]);
    const known = transition(unknown, answer(command, no, 40));
    expect([known.state, known.outcome, known.detail, known.endedAt]).toEqual(['ended', 'rejected', 'Rejected', at(3)]);
    expect(known.calls[0]).toMatchObject({ outcome: 'rejected', answeredAt: at(40) });
    expect(transition(known, answer(command, yes, 41))).toBe(known);
  });

  it('is never sent again when it was written', () => {
    // Goal: not even a harmless CALL is repeated when it was on the wire (rules K-08, M-13).
    const command = make({ type: 'TriggerMessage' });
    const unknown = play(command, claim(), written(command), lost(command));
    expect([unknown.state, unknown.outcome, unknown.calls.length]).toEqual(['ended', 'unknown', 1]);
  });

  it('is never sent again when doing it twice is not doing it once', () => {
    // Goal: a reset of which nobody knows whether it was written is not repeated.
    const command = make();
    const unknown = play(command, claim(), lost(command));
    expect([unknown.state, unknown.outcome, unknown.calls.length]).toEqual(['ended', 'unknown', 1]);
  });

  it('is sent once more when that is harmless and it may not have been written', () => {
    // Goal: one repetition under a new message id, in the place of the first, and not a second one.
    const command = make({ type: 'TriggerMessage' });
    const again = play(command, claim(), lost(command));
    expect(again).toMatchObject({
      state: 'queued',
      calls: [{ outcome: 'unknown' }, { messageId: 'again', repeats: 0 }],
    });
    const sending = transition(again, claim(4));
    expect(callInFlight(sending)?.messageId).toBe('again');
    const given = transition(sending, { ...lost(command), messageId: 'again', repeatAs: 'third' } as CommandEvent);
    expect([given.state, given.outcome, given.calls.length]).toEqual(['ended', 'unknown', 2]);
    const accepted = transition(sending, {
      kind: 'answered',
      messageId: 'again',
      sentAt: null,
      at: at(6),
      verdict: yes,
    });
    expect([accepted.state, accepted.outcome]).toEqual(['ended', 'accepted']);
  });

  it('needs no repetition any more when the first CALL is answered late', () => {
    // Goal: the repetition that still waits is dropped, the station's word counts.
    const command = make({ type: 'TriggerMessage' });
    const known = play(command, claim(), lost(command), answer(command, no, 8));
    expect([known.state, known.outcome]).toEqual(['ended', 'rejected']);
    expect(known.calls).toMatchObject([{ outcome: 'rejected' }, { state: 'ended', outcome: 'superseded' }]);
  });

  it('stays unknown when the repetition could not be sent', () => {
    // Goal: a repetition that was not sent does not hide that the first may have been.
    const command = make({ type: 'TriggerMessage' });
    const ended = play(command, claim(), lost(command), unreachable);
    expect([ended.state, ended.outcome]).toEqual(['ended', 'unknown']);
  });
});

describe('effects', () => {
  it('turn unknown into accepted', () => {
    // Goal: what the world shows, the missing answer need not say.
    const command = make();
    const confirmed = play(command, claim(), written(command), lost(command), effect);
    expect([confirmed.outcome, confirmed.detail]).toEqual(['accepted', 'effect-observed']);
    expect(confirmed.effect).toEqual({ kind: 'station.booted', at: at(9), ref: null });
  });

  it('that come before the answer is given up count then', () => {
    // Goal: a reset that boots the station before it could answer is accepted.
    const command = make();
    const confirmed = play(command, claim(), written(command), effect, answer(command, silence));
    expect([confirmed.state, confirmed.outcome, confirmed.detail]).toEqual(['ended', 'accepted', 'effect-observed']);
  });

  it('never change what the station said, and are taken once', () => {
    // Goal: rejected stays rejected, and the first effect stays the effect.
    const command = make();
    const rejected = play(command, claim(), answer(command, no));
    expect(transition(rejected, effect)).toBe(rejected);
    const accepted = play(command, claim(), answer(command, yes), effect);
    expect([accepted.outcome, accepted.detail, accepted.effect?.at]).toEqual(['accepted', 'Accepted', at(9)]);
    expect(transition(accepted, effect)).toBe(accepted);
  });

  it('are not believed of what was not sent', () => {
    // Goal: a boot while the reset still waits in the queue is not its effect.
    const command = make();
    expect(transition(command, effect)).toBe(command);
  });
});

describe('several CALLs', () => {
  const goThrough = (verdicts: Verdict[], from = queued(draft(three, t0, ids))): Command =>
    verdicts.reduce(
      (command, verdict, ordinal) => play(command, claim(ordinal), answer(command, verdict, ordinal, ordinal)),
      from,
    );

  it('are accepted when all are', () => {
    // Goal: one after another, each waiting for the one before it, the slot free between them.
    const command = queued(draft(three, t0, ids));
    const first = play(command, claim(), answer(command, yes, 2));
    expect(first).toMatchObject({ state: 'queued', sendBy: at(62), notBefore: at(2) });
    const ended = goThrough([yes, yes, yes]);
    expect([ended.state, ended.outcome]).toEqual(['ended', 'accepted']);
  });

  it('end as the first that was not accepted, with the rest still sent', () => {
    // Goal: SetVariables goes on after a rejected key (API.md).
    const ended = goThrough([yes, no, callError]);
    expect([ended.state, ended.outcome, ended.detail]).toEqual(['ended', 'rejected', 'Rejected']);
    expect(ended.calls.map((call) => call.outcome)).toEqual(['accepted', 'rejected', 'error']);
  });

  it('stop at the first failure where they build on one another', () => {
    // Goal: the chunks of a list after a failed one are not sent.
    const list = queued(draft({ ...three, type: 'SendLocalList' }, t0, ids));
    const ended = goThrough([yes, no], list);
    expect([ended.state, ended.outcome]).toEqual(['ended', 'rejected']);
    expect(ended.calls.map((call) => call.outcome)).toEqual(['accepted', 'rejected', 'not-sent']);
  });

  it('are recounted when a late answer comes', () => {
    // Goal: a late answer in the middle of the rest changes no state, after the end it decides.
    const command = queued(draft(three, t0, ids));
    const waiting = play(command, claim(), answer(command, silence));
    const told = transition(waiting, answer(command, yes, 5));
    expect([told.state, told.calls[0]?.outcome, told.sendBy]).toEqual(['queued', 'accepted', waiting.sendBy]);
    const ended = play(waiting, claim(6), answer(command, yes, 7, 1), claim(8), answer(command, yes, 9, 2));
    expect(ended.outcome).toBe('unknown');
    expect(transition(ended, answer(command, yes, 20)).outcome).toBe('accepted');
  });

  it('that can no longer be sent share the end of the command', () => {
    // Goal: after the first CALL the station goes offline; what was answered stays, the outcome is the first failure.
    const command = queued(draft(three, t0, ids));
    const ended = play(command, claim(), answer(command, yes), unreachable);
    expect([ended.outcome, ended.detail]).toEqual(['not-sent', 'offline']);
    expect(ended.calls.map((call) => call.outcome)).toEqual(['accepted', 'not-sent', 'not-sent']);
  });
});

it('keeps a secret only until the CALL has ended', () => {
  // Goal: a key is masked in everything that is shown, and gone once it is out.
  const key = 'A'.repeat(40);
  const command = make({
    type: 'SetVariables',
    params: {},
    calls: [
      {
        action: 'ChangeConfiguration',
        payload: { key: 'AuthorizationKey', value: key },
        shown: { key: 'AuthorizationKey', value: '***' },
        timeoutMs: 1,
      },
    ],
  });
  expect(command.calls[0]).toMatchObject({ request: { value: '***' }, secretRequest: { value: key } });
  for (const end of [answer(command, yes), answer(command, silence), lost(command)]) {
    expect(JSON.stringify(play(command, claim(), end))).not.toContain(key);
  }
  for (const end of [expired, cancelled, unreachable]) {
    expect(JSON.stringify(transition(command, end))).not.toContain(key);
  }
});

it('keeps a timeline of bounded length', () => {
  // Goal: a command that is refused for hours does not grow for ever, and its first and last states stay.
  let command = make();
  for (let round = 0; round < 200; round += 1) command = play(command, claim(round), returned(command));
  expect(command.timeline).toHaveLength(100);
  expect(command.timeline[0]).toEqual({ state: 'queued', at: t0, gateway: null });
  expect(command.timeline.at(-2)).toMatchObject({ state: 'sending', at: at(199) });
});
