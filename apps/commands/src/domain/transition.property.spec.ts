import { type GatewayId, type StationId, type TenantId, TimeOrderedIds } from '@busbar/domain';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Command, callInFlight } from './command.js';
import type { CommandEvent, Verdict } from './command-event.js';
import { draft, queued } from './draft.js';
import { transition } from './transition.js';

const ids = new TimeOrderedIds();
const nothing = {};
const t0 = new Date('2026-01-01T00:00:00.000Z');

function make(
  type: 'TriggerMessage' | 'Reset' | 'SetVariables' | 'SendLocalList',
  calls: number,
  wait: boolean,
): Command {
  return queued(
    draft(
      {
        tenant: 'default' as TenantId,
        station: 'station' as StationId,
        identity: 'CP',
        version: '1.6',
        type,
        params: {},
        whenOffline: wait ? 'wait' : 'fail',
        deadlineSeconds: 60,
        calls: Array.from({ length: calls }, () => ({ action: 'X', payload: nothing, shown: nothing, timeoutMs: 1 })),
        expectation: null,
      },
      t0,
      ids,
    ),
  );
}

const verdicts: Verdict[] = (['accepted', 'rejected', 'error', 'unknown'] as const).map((outcome) => ({
  outcome,
  detail: outcome,
  response: null,
  error: null,
}));

/** What may happen next, in any order; `call` picks which CALL it is about, the one in flight or any other. */
const step = fc.record({
  kind: fc.constantFrom(
    'claimed',
    'rerouted',
    'returned',
    'unreachable',
    'written',
    'answered',
    'lost',
    'expired',
    'withdrawn',
    'effect',
  ),
  call: fc.nat(5),
  inFlight: fc.boolean(),
  verdict: fc.constantFrom(...verdicts),
});
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

function eventOf(one: Step, command: Command, at: Date, number: number): CommandEvent {
  const any = command.calls[one.call % command.calls.length]?.messageId ?? '';
  const messageId = one.inFlight ? (callInFlight(command)?.messageId ?? any) : any;
  const to = { gateway: 'gateway' as GatewayId, epoch: number, settleBy: at };
  switch (one.kind) {
    case 'claimed':
      return { kind: 'claimed', at, claim: `claim-${number}`, ...to };
    case 'rerouted':
      return { kind: 'rerouted', messageId, at, ...to };
    case 'returned':
      return { kind: 'returned', messageId, at, notBefore: at };
    case 'unreachable':
      return { kind: 'unreachable', at, notBefore: at };
    case 'written':
      return { kind: 'written', messageId, at };
    case 'answered':
      return { kind: 'answered', messageId, sentAt: null, at, verdict: one.verdict };
    case 'lost':
      return { kind: 'lost', messageId, at, reason: 'gateway-gone', repeatAs: `repeat-${number}` };
    case 'expired':
      return { kind: 'expired', at };
    case 'withdrawn':
      return { kind: 'withdrawn', at, detail: 'cancelled' };
    case 'effect':
      return { kind: 'effect', effect: { kind: 'station.booted', at, ref: null } };
  }
}

const run = fc.record({
  type: fc.constantFrom('TriggerMessage', 'Reset', 'SetVariables', 'SendLocalList'),
  calls: fc.integer({ min: 1, max: 3 }),
  wait: fc.boolean(),
  steps: fc.array(step, { maxLength: 40 }),
});

/** Plays a run and shows each change to `look`. */
function play(
  given: typeof run extends fc.Arbitrary<infer R> ? R : never,
  look: (before: Command, after: Command, event: CommandEvent) => void,
): Command {
  let command = make(given.type, given.calls, given.wait);
  given.steps.forEach((one, number) => {
    const event = eventOf(one, command, new Date(t0.getTime() + number), number);
    const after = transition(command, event);
    look(command, after, event);
    command = after;
  });
  return command;
}

describe('no sequence of events', () => {
  it('sends a CALL again that may have been written', () => {
    // Goal: a message id that left for a gateway leaves again only after the gateway's word that it was not written.
    fc.assert(
      fc.property(run, (given) => {
        const doubtful = new Set<string>();
        play(given, (before, after, event) => {
          if (event.kind === 'returned' || event.kind === 'rerouted') {
            const call = before.calls.find((one) => one.messageId === event.messageId);
            if (call?.state === 'sending') doubtful.delete(call.messageId);
          }
          const leaving = event.kind === 'claimed' || event.kind === 'rerouted';
          const call = callInFlight(after);
          if (!leaving || after === before || call === undefined) return;
          expect(doubtful.has(call.messageId)).toBe(false);
          doubtful.add(call.messageId);
        });
      }),
      { numRuns: 3_000 },
    );
  });

  it('sends one wish more than once, or twice where that is harmless', () => {
    // Goal: at most one repetition per CALL, none for commands that are not repeatable, none of a written CALL.
    fc.assert(
      fc.property(run, (given) => {
        const last = play(given, (before, after) => {
          if (after.calls.length === before.calls.length) return;
          const repetition = after.calls.at(-1);
          const repeated = before.calls.find((call) => call.ordinal === repetition?.repeats);
          expect([repeated?.state, repeated?.repeats, before.repeatable]).toEqual(['sending', null, true]);
        });
        const repeats = last.calls.flatMap((call) => (call.repeats === null ? [] : [call.repeats]));
        expect(new Set(repeats).size).toBe(repeats.length);
      }),
      { numRuns: 3_000 },
    );
  });

  it('ends in two outcomes', () => {
    // Goal: an outcome comes once and only unknown gives way, for the command and for each of its CALLs.
    fc.assert(
      fc.property(run, (given) => {
        play(given, (before, after) => {
          if (before.outcome !== null && before.outcome !== 'unknown') expect(after.outcome).toBe(before.outcome);
          if (before.outcome === 'unknown') expect(after.outcome).not.toBeNull();
          if (before.state === 'ended') expect([after.state, after.endedAt]).toEqual(['ended', before.endedAt]);
          for (const call of before.calls) {
            const now = after.calls[call.ordinal];
            if (call.outcome !== null && call.outcome !== 'unknown') expect(now?.outcome).toBe(call.outcome);
          }
        });
      }),
      { numRuns: 3_000 },
    );
  });

  it('leaves a command in a state that its CALLs do not bear out', () => {
    // Goal: one CALL in flight exactly while sending or sent, nothing waiting after the end, an outcome exactly then.
    fc.assert(
      fc.property(run, (given) => {
        play(given, (_, after) => {
          const flying = after.calls.filter((call) => call.state === 'sending' || call.state === 'sent');
          const waiting = after.calls.filter((call) => call.state === 'waiting');
          expect(flying.map((call) => call.state)).toEqual(
            after.state === 'sending' || after.state === 'sent' ? [after.state] : [],
          );
          expect(after.settleBy !== null).toBe(flying.length > 0);
          expect(after.state === 'queued' ? waiting.length > 0 : true).toBe(true);
          if (after.state === 'ended') expect(waiting).toEqual([]);
          expect(after.outcome !== null).toBe(after.state === 'ended');
        });
      }),
      { numRuns: 3_000 },
    );
  });
});
