import { firstViolation } from '../validators.js';
import { catalogue16 } from './catalogue.js';
import type * as wire from './schemas.js';

/** The payloads that a 1.6 station sends in its CALLs of the Core profile, by action. */
export interface StationRequests16 {
  Authorize: wire.AuthorizeRequest;
  BootNotification: wire.BootNotificationRequest;
  DataTransfer: wire.DataTransferRequest;
  Heartbeat: wire.HeartbeatRequest;
  MeterValues: wire.MeterValuesRequest;
  StartTransaction: wire.StartTransactionRequest;
  StatusNotification: wire.StatusNotificationRequest;
  StopTransaction: wire.StopTransactionRequest;
}

/** What the central system answers to those. */
export interface CentralAnswers16 {
  Authorize: wire.AuthorizeResponse;
  BootNotification: wire.BootNotificationResponse;
  DataTransfer: wire.DataTransferResponse;
  Heartbeat: wire.HeartbeatResponse;
  MeterValues: wire.MeterValuesResponse;
  StartTransaction: wire.StartTransactionResponse;
  StatusNotification: wire.StatusNotificationResponse;
  StopTransaction: wire.StopTransactionResponse;
}

/** The payloads that a 1.6 station receives in the central system's CALLs of the Core profile. */
export interface CentralRequests16 {
  ChangeAvailability: wire.ChangeAvailabilityRequest;
  ChangeConfiguration: wire.ChangeConfigurationRequest;
  ClearCache: wire.ClearCacheRequest;
  DataTransfer: wire.DataTransferRequest;
  GetConfiguration: wire.GetConfigurationRequest;
  RemoteStartTransaction: wire.RemoteStartTransactionRequest;
  RemoteStopTransaction: wire.RemoteStopTransactionRequest;
  Reset: wire.ResetRequest;
  UnlockConnector: wire.UnlockConnectorRequest;
}

/** What a station answers to those. */
export interface StationAnswers16 {
  ChangeAvailability: wire.ChangeAvailabilityResponse;
  ChangeConfiguration: wire.ChangeConfigurationResponse;
  ClearCache: wire.ClearCacheResponse;
  DataTransfer: wire.DataTransferResponse;
  GetConfiguration: wire.GetConfigurationResponse;
  RemoteStartTransaction: wire.RemoteStartTransactionResponse;
  RemoteStopTransaction: wire.RemoteStopTransactionResponse;
  Reset: wire.ResetResponse;
  UnlockConnector: wire.UnlockConnectorResponse;
}

/** A payload of our own making that its schema refuses: a defect of whoever made it. */
export class PayloadError extends Error {
  readonly code = 'payload-invalid';
  readonly retryable = false;

  constructor(
    readonly action: string,
    readonly pointer: string,
    detail: string,
  ) {
    super(`${action}${pointer}: ${detail}`);
    this.name = 'PayloadError';
  }
}

/** For stations of our own: the payload, checked strictly. Throws `PayloadError`. */
export function stationRequest16<A extends keyof StationRequests16>(
  action: A,
  payload: StationRequests16[A],
): StationRequests16[A] {
  return checked(action, 'request', payload);
}

/** For stations of our own: the answer to a CALL of the central system, checked strictly. Throws `PayloadError`. */
export function stationAnswer16<A extends keyof StationAnswers16>(
  action: A,
  payload: StationAnswers16[A],
): StationAnswers16[A] {
  return checked(action, 'response', payload);
}

function checked<P>(action: string, side: 'request' | 'response', payload: P): P {
  const row = catalogue16.rows.get(action);
  if (row === undefined) throw new PayloadError(action, '', 'OCPP 1.6 has no such action');
  const violation = firstViolation(row[side], payload);
  if (violation !== undefined) throw new PayloadError(action, violation.pointer, violation.detail);
  return payload;
}
