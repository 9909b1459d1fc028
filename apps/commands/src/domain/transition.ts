import type { CommandOutcome, CommandState } from '@busbar/domain';
import { type Call, type Command, callInFlight, nextCall } from './command.js';
import type { CommandEvent, Verdict } from './command-event.js';
import { expectedWithinMs } from './expectation.js';
import { type Summary, summarize } from './outcome-of.js';

const timelineMax = 100;

/**
 * The state machine of a command: what it is after `event`. Pure; the same object comes back when the event
 * changes nothing, so that repeats, late and foreign events are harmless.
 *
 * Two promises hold for every sequence of events: a CALL that may have been written is never sent again, but for
 * one repetition under a new message id where that is harmless; and an outcome is replaced only if it is `unknown`.
 */
export function transition(command: Command, event: CommandEvent): Command {
  switch (event.kind) {
    case 'claimed':
      return claimed(command, event);
    case 'rerouted':
      return rerouted(command, event);
    case 'returned':
      return returned(command, event);
    case 'unreachable':
      return unreachable(command, event);
    case 'written':
      return written(command, event);
    case 'answered':
      return answered(command, event);
    case 'lost':
      return lost(command, event);
    case 'expired':
      return command.state === 'queued' ? giveUp(command, 'expired', null, event.at) : command;
    case 'withdrawn':
      return command.state === 'queued' ? giveUp(command, 'not-sent', event.detail, event.at) : command;
    case 'effect':
      return observed(command, event);
  }
}

type EventOf<K extends CommandEvent['kind']> = Extract<CommandEvent, { kind: K }>;

function claimed(command: Command, event: EventOf<'claimed'>): Command {
  const call = nextCall(command);
  if (command.state !== 'queued' || call === undefined) return command;
  const { claim, at } = event;
  return enter({ ...withCall(command, { ...call, state: 'sending' }), ...route(command, event), claim }, 'sending', at);
}

function rerouted(command: Command, event: EventOf<'rerouted'>): Command {
  if (inFlightAs(command, event.messageId)?.state !== 'sending') return command;
  return enter({ ...command, ...route(command, event) }, 'sending', event.at);
}

/** Where the CALL goes now, and until when its effect is looked for. */
function route(command: Command, event: EventOf<'claimed'> | EventOf<'rerouted'>): Partial<Command> {
  const { gateway, epoch, settleBy, at } = event;
  const within = command.expectation === null ? null : expectedWithinMs[command.expectation.kind];
  return { gateway, epoch, settleBy, expectUntil: within === null ? null : new Date(at.getTime() + within) };
}

function returned(command: Command, event: EventOf<'returned'>): Command {
  const call = inFlightAs(command, event.messageId);
  // A CALL that was reported as written outweighs whoever says that it was not.
  if (call?.state !== 'sending') return command;
  const waiting = { ...withCall(command, { ...call, state: 'waiting' }), settleBy: null, expectUntil: null };
  return enter({ ...waiting, notBefore: event.notBefore, refusals: command.refusals + 1 }, 'queued', event.at);
}

function unreachable(command: Command, event: EventOf<'unreachable'>): Command {
  if (command.state !== 'queued') return command;
  if (command.whenOffline === 'fail') return giveUp(command, 'not-sent', 'offline', event.at);
  return { ...command, notBefore: event.notBefore, refusals: command.refusals + 1 };
}

function written(command: Command, event: EventOf<'written'>): Command {
  const call = command.calls.find((candidate) => candidate.messageId === event.messageId);
  if (call === undefined || call.state === 'waiting' || call.sentAt !== null) return command;
  const known = withCall(command, { ...call, sentAt: event.at, state: call.state === 'ended' ? 'ended' : 'sent' });
  // After the CALL's end only the time is worth having.
  return call.state === 'sending' ? enter(known, 'sent', event.at) : known;
}

function answered(command: Command, event: EventOf<'answered'>): Command {
  const call = command.calls.find((candidate) => candidate.messageId === event.messageId);
  if (call === undefined) return command;
  const known = withCall(command, ended(call, event.verdict, event.sentAt ?? call.sentAt, event.at));
  if (call.state === 'ended') {
    const late = call.outcome === 'unknown' && event.verdict.outcome !== 'unknown';
    return late ? answeredLate(known, call, event.at) : command;
  }
  // A CALL that came back unwritten and is answered all the same ends here, but the slot may be another's by now.
  const other = callInFlight(known);
  return other === undefined ? goOn(known, event.verdict.outcome, event.at) : known;
}

/** The station's word of a CALL that had been given up: it is added, and replaces only `unknown`. */
function answeredLate(command: Command, call: Call, at: Date): Command {
  const repetition = command.calls.find((other) => other.repeats === call.ordinal && other.state === 'waiting');
  const known =
    repetition === undefined
      ? command
      : withCall(command, { ...repetition, state: 'ended', outcome: 'superseded', secretRequest: null });
  if (command.state !== 'ended') {
    const over = callInFlight(known) === undefined && nextCall(known) === undefined;
    return over ? finish(known, at) : known;
  }
  if (command.outcome !== 'unknown') return known;
  const summary = confirmed(summarize(known.calls), known);
  return summary.outcome === 'unknown' ? known : enter({ ...known, ...summary }, 'ended', at);
}

function lost(command: Command, event: EventOf<'lost'>): Command {
  const call = inFlightAs(command, event.messageId);
  if (call === undefined) return command;
  const verdict: Verdict = { outcome: 'unknown', detail: event.reason, response: null, error: null };
  const known = withCall(command, ended(call, verdict, call.sentAt, null));
  // Only where nobody knows whether it was written: what was written without an answer is `unknown`, and stays so.
  const again = call.state === 'sending' && command.repeatable && call.repeats === null;
  return again ? repeated(known, call, event) : goOn(known, 'unknown', event.at);
}

function repeated(command: Command, call: Call, event: EventOf<'lost'>): Command {
  const repetition: Call = {
    ...call,
    ordinal: command.calls.length,
    messageId: event.repeatAs,
    state: 'waiting',
    repeats: call.ordinal,
  };
  return enter(
    { ...command, settleBy: null, notBefore: event.at, calls: [...command.calls, repetition] },
    'queued',
    event.at,
  );
}

/** After the end of a CALL: the next one, or the end of the command. */
function goOn(command: Command, outcome: CommandOutcome, at: Date): Command {
  const settled = { ...command, settleBy: null, refusals: 0 };
  if (nextCall(settled) === undefined) return finish(settled, at);
  if (outcome !== 'accepted' && !command.goesOn) return giveUp(settled, 'not-sent', 'call-before-failed', at);
  // The socket has been written, so the deadline as such has been met; each further CALL gets as long.
  const sendBy = new Date(at.getTime() + command.deadlineSeconds * 1_000);
  return enter({ ...settled, sendBy, notBefore: at }, 'queued', at);
}

/** Ends the command together with its CALLs that were not sent. */
function giveUp(command: Command, outcome: 'expired' | 'not-sent', detail: string | null, at: Date): Command {
  const calls = command.calls.map(
    (call): Call =>
      call.state === 'waiting' ? { ...call, state: 'ended', outcome, detail, secretRequest: null } : call,
  );
  return finish({ ...command, calls }, at);
}

function finish(command: Command, at: Date): Command {
  const summary = confirmed(summarize(command.calls), command);
  return enter({ ...command, ...summary, endedAt: at, settleBy: null }, 'ended', at);
}

function observed(command: Command, event: EventOf<'effect'>): Command {
  const possible =
    command.state === 'sending' ||
    command.state === 'sent' ||
    command.outcome === 'accepted' ||
    command.outcome === 'unknown';
  if (command.effect !== null || !possible) return command;
  const seen = { ...command, effect: event.effect };
  return command.outcome === 'unknown' ? enter({ ...seen, ...confirmation }, 'ended', event.effect.at) : seen;
}

const confirmation: Summary = { outcome: 'accepted', detail: 'effect-observed' };

/** An observed effect says what a missing answer does not. */
function confirmed(summary: Summary, command: Command): Summary {
  return summary.outcome === 'unknown' && command.effect !== null ? confirmation : summary;
}

function inFlightAs(command: Command, messageId: string): Call | undefined {
  const call = callInFlight(command);
  return call?.messageId === messageId ? call : undefined;
}

function ended(call: Call, verdict: Verdict, sentAt: Date | null, at: Date | null): Call {
  const answeredAt = verdict.outcome === 'unknown' ? null : at;
  return { ...call, ...verdict, state: 'ended', sentAt, answeredAt, secretRequest: null };
}

function withCall(command: Command, call: Call): Command {
  return { ...command, calls: command.calls.map((other) => (other.ordinal === call.ordinal ? call : other)) };
}

/** The command in that state, noted in its timeline; of a very long story the middle is left out. */
export function enter(command: Command, state: CommandState, at: Date): Command {
  const timeline = [...command.timeline, { state, at, gateway: state === 'queued' ? null : command.gateway }];
  if (timeline.length > timelineMax) timeline.splice(timelineMax / 2, 1);
  return { ...command, state, timeline };
}
