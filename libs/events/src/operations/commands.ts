import type { CommandId, CommandOutcome, CommandState, GatewayId } from '@busbar/domain';
import { operation, type Page, type PageRequest } from './operation.js';

/** Every type of command of the HTTP contract; what each version has of it is libs/ocpp's to say. */
export const commandTypes = [
  'RequestStartTransaction',
  'RequestStopTransaction',
  'UnlockConnector',
  'Reset',
  'ChangeAvailability',
  'TriggerMessage',
  'GetVariables',
  'SetVariables',
  'ClearCache',
  'GetLocalListVersion',
  'SendLocalList',
  'ReserveNow',
  'CancelReservation',
  'SetChargingProfile',
  'ClearChargingProfile',
  'GetCompositeSchedule',
  'UpdateFirmware',
  'GetLog',
  'DataTransfer',
  'InstallCertificate',
  'DeleteCertificate',
  'GetInstalledCertificateIds',
  'CertificateSigned',
] as const;
export type CommandType = (typeof commandTypes)[number];

export interface CallView {
  messageId: string;
  action: string;
  request: Record<string, unknown>;
  response?: Record<string, unknown>;
  error?: { code: string; description: string; details: Record<string, unknown> };
  outcome: CommandOutcome | null;
  sentAt: string | null;
  answeredAt: string | null;
}

export interface CommandView {
  id: CommandId;
  station: string;
  /** A `CommandType`, or `Call` for a raw CALL. */
  type: CommandType | 'Call';
  params: Record<string, unknown>;
  state: CommandState;
  outcome: CommandOutcome | null;
  detail: string | null;
  createdAt: string;
  deadlineAt: string;
  endedAt: string | null;
  timeline: { state: CommandState; at: string; gateway: GatewayId | null }[];
  calls: CallView[];
  effect: { kind: string; at: string; ref: string | null } | null;
}

export const commandOperations = {
  create: operation<
    {
      identity: string;
      type: string;
      params: Record<string, unknown>;
      deadlineSeconds?: number;
      whenOffline?: 'fail' | 'wait';
      /** Answer only when the command has ended, or after this long. */
      waitSeconds?: number;
    },
    CommandView
  >('commands.create'),
  /** A raw CALL: any action that the station's version lets the central system send. */
  call: operation<
    {
      identity: string;
      action: string;
      payload: Record<string, unknown>;
      deadlineSeconds?: number;
      whenOffline?: 'fail' | 'wait';
      waitSeconds?: number;
    },
    CommandView
  >('commands.call'),
  get: operation<{ id: string; waitSeconds?: number }, CommandView>('commands.get'),
  list: operation<PageRequest & { station?: string; type?: string; state?: CommandState }, Page<CommandView>>(
    'commands.list',
  ),
  cancel: operation<{ id: string }, CommandView>('commands.cancel'),
} as const;
