import type { CallView, CommandView } from '@busbar/events';
import type { Call, Command } from './command.js';

/** The command as the HTTP contract shows it. */
export function viewOf(command: Command): CommandView {
  const { effect } = command;
  return {
    id: command.id,
    station: command.identity,
    type: command.type,
    params: command.params,
    state: command.state,
    outcome: command.outcome,
    detail: command.detail,
    createdAt: command.createdAt.toISOString(),
    deadlineAt: command.deadlineAt.toISOString(),
    endedAt: command.endedAt?.toISOString() ?? null,
    timeline: command.timeline.map(({ state, at, gateway }) => ({ state, at: at.toISOString(), gateway })),
    calls: command.calls.map(viewOfCall),
    effect: effect === null ? null : { kind: effect.kind, at: effect.at.toISOString(), ref: effect.ref },
  };
}

function viewOfCall(call: Call): CallView {
  return {
    messageId: call.messageId,
    action: call.action,
    request: call.request,
    ...(call.response === null ? {} : { response: call.response }),
    ...(call.error === null ? {} : { error: call.error }),
    outcome: call.outcome,
    sentAt: call.sentAt?.toISOString() ?? null,
    answeredAt: call.answeredAt?.toISOString() ?? null,
  };
}
