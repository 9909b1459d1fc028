import { changeAvailability } from './change-availability.js';
import { changeConfiguration, getConfiguration } from './configuration.js';
import type { CallHandler } from './handler.js';
import { remoteStartTransaction } from './remote-start-transaction.js';
import { remoteStopTransaction } from './remote-stop-transaction.js';
import { reset } from './reset.js';
import { triggerMessage } from './trigger-message.js';
import { unlockConnector } from './unlock-connector.js';

/** Every CALL that the station answers; the rest is NotImplemented. */
export const callHandlers: ReadonlyMap<string, CallHandler> = new Map<string, CallHandler>([
  ['RemoteStartTransaction', remoteStartTransaction],
  ['RemoteStopTransaction', remoteStopTransaction],
  ['Reset', reset],
  ['UnlockConnector', unlockConnector],
  ['ChangeAvailability', changeAvailability],
  ['ChangeConfiguration', changeConfiguration],
  ['GetConfiguration', getConfiguration],
  ['ClearCache', () => ({ payload: { status: 'Accepted' } })],
  ['DataTransfer', () => ({ payload: { status: 'UnknownVendorId' } })],
  ['TriggerMessage', triggerMessage],
]);
