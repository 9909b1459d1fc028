import type { CommandId, CommandOutcome, CommandState, GatewayId, StationId, TenantId } from '@busbar/domain';
import type { CommandType, OcppVersion } from '@busbar/events';
import type { Call, CallState, Command, Priority, StationError } from '../domain/command.js';
import type { Expectation } from '../domain/expectation.js';

type Json = Record<string, unknown>;

/** A row of `command` as the driver gives it. */
export interface CommandRow {
  id: CommandId;
  tenant_id: TenantId;
  station: StationId;
  identity: string;
  version: OcppVersion;
  type: CommandType | 'Call';
  params: Json;
  priority: Priority;
  when_offline: 'fail' | 'wait';
  deadline_seconds: number;
  goes_on: boolean;
  repeatable: boolean;
  state: CommandState;
  outcome: CommandOutcome | null;
  detail: string | null;
  created_at: Date;
  deadline_at: Date;
  ended_at: Date | null;
  send_by: Date;
  not_before: Date;
  refusals: number;
  gateway: GatewayId | null;
  epoch: number | null;
  claim: string | null;
  settle_by: Date | null;
  timeline: { state: CommandState; at: string; gateway: GatewayId | null }[];
  expectation: Expectation | null;
  expect_until: Date | null;
  effect_kind: string | null;
  effect_at: Date | null;
  effect_ref: string | null;
  revision: number;
}

/** A row of `call` inside JSON, where instants are text. */
export interface CallRow {
  ordinal: number;
  message_id: string;
  action: string;
  request: Json;
  secret_request: Json | null;
  timeout_ms: number;
  state: CallState;
  outcome: CommandOutcome | null;
  detail: string | null;
  response: Json | null;
  error: StationError | null;
  sent_at: string | null;
  answered_at: string | null;
  repeats: number | null;
}

export function commandOf(row: CommandRow & { calls: CallRow[] }): Command {
  return {
    id: row.id,
    tenant: row.tenant_id,
    station: row.station,
    identity: row.identity,
    version: row.version,
    type: row.type,
    params: row.params,
    priority: row.priority,
    whenOffline: row.when_offline,
    deadlineSeconds: row.deadline_seconds,
    goesOn: row.goes_on,
    repeatable: row.repeatable,
    state: row.state,
    outcome: row.outcome,
    detail: row.detail,
    createdAt: row.created_at,
    deadlineAt: row.deadline_at,
    endedAt: row.ended_at,
    sendBy: row.send_by,
    notBefore: row.not_before,
    refusals: row.refusals,
    gateway: row.gateway,
    epoch: row.epoch,
    claim: row.claim,
    settleBy: row.settle_by,
    timeline: row.timeline.map(({ state, at, gateway }) => ({ state, at: new Date(at), gateway })),
    expectation: row.expectation,
    expectUntil: row.expect_until,
    effect:
      row.effect_kind === null || row.effect_at === null
        ? null
        : { kind: row.effect_kind, at: row.effect_at, ref: row.effect_ref },
    revision: row.revision,
    calls: row.calls.map(callOf),
  };
}

function callOf(row: CallRow): Call {
  return {
    ordinal: row.ordinal,
    messageId: row.message_id,
    action: row.action,
    request: row.request,
    secretRequest: row.secret_request,
    timeoutMs: row.timeout_ms,
    state: row.state,
    outcome: row.outcome,
    detail: row.detail,
    response: row.response,
    error: row.error,
    sentAt: row.sent_at === null ? null : new Date(row.sent_at),
    answeredAt: row.answered_at === null ? null : new Date(row.answered_at),
    repeats: row.repeats,
  };
}

/** The whole row as JSON, for `jsonb_populate_record`: one parameter, whatever the number of columns. */
export function rowOf(command: Command): { [Column in keyof CommandRow]: unknown } {
  return {
    id: command.id,
    tenant_id: command.tenant,
    station: command.station,
    identity: command.identity,
    version: command.version,
    type: command.type,
    params: command.params,
    priority: command.priority,
    when_offline: command.whenOffline,
    deadline_seconds: command.deadlineSeconds,
    goes_on: command.goesOn,
    repeatable: command.repeatable,
    state: command.state,
    outcome: command.outcome,
    detail: command.detail,
    created_at: command.createdAt,
    deadline_at: command.deadlineAt,
    ended_at: command.endedAt,
    send_by: command.sendBy,
    not_before: command.notBefore,
    refusals: command.refusals,
    gateway: command.gateway,
    epoch: command.epoch,
    claim: command.claim,
    settle_by: command.settleBy,
    timeline: command.timeline,
    expectation: command.expectation,
    expect_until: command.expectUntil,
    effect_kind: command.effect?.kind ?? null,
    effect_at: command.effect?.at ?? null,
    effect_ref: command.effect?.ref ?? null,
    revision: command.revision,
  };
}

export function callRowOf(command: Command, call: Call): { [Column in keyof CallRow]: unknown } & Json {
  return {
    command: command.id,
    tenant_id: command.tenant,
    ordinal: call.ordinal,
    message_id: call.messageId,
    action: call.action,
    request: call.request,
    secret_request: call.secretRequest,
    timeout_ms: call.timeoutMs,
    state: call.state,
    outcome: call.outcome,
    detail: call.detail,
    response: call.response,
    error: call.error,
    sent_at: call.sentAt,
    answered_at: call.answeredAt,
    repeats: call.repeats,
  };
}
