import type { CommandId, IdSource, StationId, TenantId } from '@busbar/domain';
import type { CommandType, OcppVersion } from '@busbar/events';
import type { Call, Command } from './command.js';
import type { Expectation } from './expectation.js';
import { enter } from './transition.js';
import { rulesOf } from './type-rules.js';

/** A CALL as the station's version wants it, before it has a message id. */
export interface LoweredCall {
  action: string;
  payload: Record<string, unknown>;
  /** The payload without its secrets; the same object when it has none. */
  shown: Record<string, unknown>;
  timeoutMs: number;
}

export interface Wish {
  tenant: TenantId;
  station: StationId;
  identity: string;
  version: OcppVersion;
  type: CommandType | 'Call';
  /** Without secrets. */
  params: Record<string, unknown>;
  whenOffline: 'fail' | 'wait';
  deadlineSeconds: number;
  calls: readonly LoweredCall[];
  expectation: Expectation | null;
}

/** A new command, queued, with nothing in its timeline yet: it is either claimed at once or entered as queued. */
export function draft(wish: Wish, now: Date, ids: IdSource): Command {
  const rules = rulesOf(wish.type);
  const deadlineAt = new Date(now.getTime() + wish.deadlineSeconds * 1_000);
  return {
    id: ids.next<'command'>() satisfies CommandId,
    tenant: wish.tenant,
    station: wish.station,
    identity: wish.identity,
    version: wish.version,
    type: wish.type,
    params: wish.params,
    priority: rules.priority,
    whenOffline: wish.whenOffline,
    deadlineSeconds: wish.deadlineSeconds,
    goesOn: rules.goesOn,
    repeatable: rules.repeatable,
    state: 'queued',
    outcome: null,
    detail: null,
    createdAt: now,
    deadlineAt,
    endedAt: null,
    sendBy: deadlineAt,
    notBefore: now,
    refusals: 0,
    gateway: null,
    epoch: null,
    claim: null,
    settleBy: null,
    timeline: [],
    expectation: wish.expectation,
    expectUntil: null,
    effect: null,
    revision: 0,
    calls: wish.calls.map((call, ordinal) => draftCall(call, ordinal, ids)),
  };
}

function draftCall(call: LoweredCall, ordinal: number, ids: IdSource): Call {
  return {
    ordinal,
    messageId: ids.next<'message'>(),
    action: call.action,
    request: call.shown,
    secretRequest: call.shown === call.payload ? null : call.payload,
    timeoutMs: call.timeoutMs,
    state: 'waiting',
    outcome: null,
    detail: null,
    response: null,
    error: null,
    sentAt: null,
    answeredAt: null,
    repeats: null,
  };
}

/** The draft in the queue. */
export function queued(command: Command): Command {
  return enter(command, 'queued', command.createdAt);
}

/** The draft of something that this version or station does not have: it ends where it begins. */
export function notSupported(command: Command, detail: string): Command {
  const ended: Command = { ...command, outcome: 'not-supported', detail, endedAt: command.createdAt };
  return enter(ended, 'ended', command.createdAt);
}
