import type { InboundTable, OutboundTable } from './case-table.js';
import { authorize } from './inbound/authorize.js';
import { bootNotification } from './inbound/boot-notification.js';
import { dataTransfer } from './inbound/data-transfer.js';
import { heartbeat } from './inbound/heartbeat.js';
import { meterValues } from './inbound/meter-values.js';
import { startTransaction } from './inbound/start-transaction.js';
import { statusNotification } from './inbound/status-notification.js';
import { stopTransaction } from './inbound/stop-transaction.js';
import { changeAvailability } from './outbound/change-availability.js';
import { changeConfiguration } from './outbound/change-configuration.js';
import { clearCache } from './outbound/clear-cache.js';
import { dataTransferOut } from './outbound/data-transfer.js';
import { getConfiguration } from './outbound/get-configuration.js';
import { remoteStartTransaction } from './outbound/remote-start-transaction.js';
import { remoteStopTransaction } from './outbound/remote-stop-transaction.js';
import { reset } from './outbound/reset.js';
import { unlockConnector } from './outbound/unlock-connector.js';

/** The table of each action that a station sends. */
export const inboundTables: Readonly<Record<string, InboundTable>> = {
  Authorize: authorize,
  BootNotification: bootNotification,
  DataTransfer: dataTransfer,
  Heartbeat: heartbeat,
  MeterValues: meterValues,
  StartTransaction: startTransaction,
  StatusNotification: statusNotification,
  StopTransaction: stopTransaction,
};

/** The table of each action that the central system sends. */
export const outboundTables: Readonly<Record<string, OutboundTable>> = {
  ChangeAvailability: changeAvailability,
  ChangeConfiguration: changeConfiguration,
  ClearCache: clearCache,
  DataTransfer: dataTransferOut,
  GetConfiguration: getConfiguration,
  RemoteStartTransaction: remoteStartTransaction,
  RemoteStopTransaction: remoteStopTransaction,
  Reset: reset,
  UnlockConnector: unlockConnector,
};
