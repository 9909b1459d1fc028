import { type ReportType, reportService } from '@busbar/events';
import type { ActionRow, Catalogue } from '../catalogue.js';
import type { Leniency } from '../tolerance/leniency.js';
import { answerAuthorize, liftAuthorize } from './lift/authorize.js';
import { answerBootNotification, liftBootNotification } from './lift/boot-notification.js';
import { answerDataTransfer, liftDataTransfer } from './lift/data-transfer.js';
import { answerHeartbeat } from './lift/heartbeat.js';
import { answerMeterValues, liftMeterValues } from './lift/meter-values.js';
import { answerStartTransaction, liftStartTransaction } from './lift/start-transaction.js';
import { answerStatusNotification, liftStatusNotification } from './lift/status-notification.js';
import { answerStopTransaction, liftStopTransaction } from './lift/stop-transaction.js';
import { lowerChangeAvailability } from './lower/change-availability.js';
import { lowerClearCache } from './lower/clear-cache.js';
import { lowerDataTransfer } from './lower/data-transfer.js';
import { lowerGetVariables } from './lower/get-variables.js';
import { lowerRequestStartTransaction } from './lower/request-start-transaction.js';
import { lowerRequestStopTransaction } from './lower/request-stop-transaction.js';
import { lowerReset } from './lower/reset.js';
import { lowerSetVariables } from './lower/set-variables.js';
import { lowerUnlockConnector } from './lower/unlock-connector.js';
import { notYet16 } from './not-yet.js';
import { schema16 } from './schemas.js';

type Facts = Omit<ActionRow, 'action' | 'sender' | 'block' | 'section' | 'request' | 'response' | 'answeredBy'>;
type NamedRow = readonly [string, ActionRow];

function row(action: string, sender: ActionRow['sender'], block: string, section: string, facts: Facts = {}): NamedRow {
  return [
    action,
    {
      action,
      sender,
      block,
      section,
      request: schema16(`${action}Request`),
      response: schema16(`${action}Response`),
      ...facts,
      ...(sender === 'central' ? {} : { answeredBy: answererOf(facts.report) }),
    },
  ];
}

/** Who answers follows from the report; what makes none is answered at the gateway. */
function answererOf(report: ReportType | undefined): NonNullable<ActionRow['answeredBy']> {
  return report === undefined ? 'gateway' : reportService[report];
}

const sampleRules = { value: 'V-04', unit: 'V-07' };
const tagMax = 255;

const startLeniency: Leniency = {
  minimum: ['connectorId', 'idTag'],
  rawText: true,
  longText: { idTag: tagMax }, // I-09
  rules: { idTag: 'I-09', meterStart: 'S-14', reservationId: 'S-13' },
};
const stopLeniency: Leniency = {
  minimum: [],
  rawText: true,
  longText: { idTag: tagMax },
  rules: { idTag: 'I-09', meterStop: 'X-10', transactionId: 'X-04', reason: 'X-08', ...sampleRules },
};
const meterLeniency: Leniency = {
  minimum: [],
  rawText: true,
  defaults: { connectorId: 0 },
  rules: { transactionId: 'X-04', ...sampleRules },
};
const statusLeniency: Leniency = {
  minimum: [],
  defaults: { connectorId: 0, errorCode: 'NoError' },
  jsonText: ['info'], // N-09
  rules: { info: 'N-09', vendorId: 'N-09', vendorErrorCode: 'N-09' },
};
const bootRules = Object.fromEntries(
  Object.keys(schema16('BootNotificationRequest').properties ?? {}).map((name) => [name, 'R-11']),
);

const core = 'Core';
const firmware = 'FirmwareManagement';
const lists = 'LocalAuthListManagement';
const reservation = 'Reservation';
const smart = 'SmartCharging';
const trigger = 'RemoteTrigger';
const security = 'Security';
const longCallMs = 60_000; // M-13

/** All 28 actions of OCPP 1.6 edition 2 and the 11 of the security paper. */
const rows: readonly NamedRow[] = [
  row('Authorize', 'station', core, '4.1', {
    report: 'authorization.requested',
    leniency: { minimum: ['idTag'], longText: { idTag: tagMax }, rules: { idTag: 'I-09' } },
    lift: liftAuthorize,
  }),
  row('BootNotification', 'station', core, '4.2', {
    report: 'station.booted',
    leniency: { rules: bootRules },
    lift: liftBootNotification,
  }),
  row('DataTransfer', 'both', core, '4.3, 5.6', {
    report: 'vendor.dataReceived',
    leniency: { jsonText: ['data'], rules: { data: 'D-02' } },
    lift: liftDataTransfer,
    command: 'DataTransfer',
  }),
  row('Heartbeat', 'station', core, '4.6'),
  row('MeterValues', 'station', core, '4.7', {
    report: 'meter.sampled',
    leniency: meterLeniency,
    lift: liftMeterValues,
  }),
  row('StartTransaction', 'station', core, '4.8', {
    report: 'transaction.started',
    leniency: startLeniency,
    lift: liftStartTransaction,
  }),
  row('StatusNotification', 'station', core, '4.9', {
    report: 'connector.statusChanged',
    leniency: statusLeniency,
    lift: liftStatusNotification,
  }),
  row('StopTransaction', 'station', core, '4.10', {
    report: 'transaction.ended',
    leniency: stopLeniency,
    lift: liftStopTransaction,
  }),
  row('ChangeAvailability', 'central', core, '5.2', { command: 'ChangeAvailability' }),
  row('ChangeConfiguration', 'central', core, '5.3', { command: 'SetVariables' }),
  row('ClearCache', 'central', core, '5.4', { command: 'ClearCache' }),
  row('GetConfiguration', 'central', core, '5.8', { command: 'GetVariables', timeoutMs: longCallMs }),
  row('RemoteStartTransaction', 'central', core, '5.11', { command: 'RequestStartTransaction' }),
  row('RemoteStopTransaction', 'central', core, '5.12', { command: 'RequestStopTransaction' }),
  row('Reset', 'central', core, '5.14', { command: 'Reset' }),
  row('UnlockConnector', 'central', core, '5.18', { command: 'UnlockConnector' }),
  row('DiagnosticsStatusNotification', 'station', firmware, '4.4', { report: 'log.statusChanged' }),
  row('FirmwareStatusNotification', 'station', firmware, '4.5', { report: 'firmware.statusChanged' }),
  row('GetDiagnostics', 'central', firmware, '5.9', { command: 'GetLog' }),
  row('UpdateFirmware', 'central', firmware, '5.19', { command: 'UpdateFirmware', timeoutMs: longCallMs }),
  row('GetLocalListVersion', 'central', lists, '5.10', { command: 'GetLocalListVersion' }),
  row('SendLocalList', 'central', lists, '5.15', { command: 'SendLocalList', timeoutMs: longCallMs }),
  row('CancelReservation', 'central', reservation, '5.1', { command: 'CancelReservation' }),
  row('ReserveNow', 'central', reservation, '5.13', { command: 'ReserveNow' }),
  row('ClearChargingProfile', 'central', smart, '5.5', { command: 'ClearChargingProfile' }),
  row('GetCompositeSchedule', 'central', smart, '5.7', { command: 'GetCompositeSchedule' }),
  row('SetChargingProfile', 'central', smart, '5.16', { command: 'SetChargingProfile' }),
  row('TriggerMessage', 'central', trigger, '5.17', { command: 'TriggerMessage' }),
  row('CertificateSigned', 'central', security, 'security paper, A02', { command: 'CertificateSigned' }),
  row('DeleteCertificate', 'central', security, 'security paper, M04', { command: 'DeleteCertificate' }),
  row('ExtendedTriggerMessage', 'central', security, 'security paper, 5', { command: 'TriggerMessage' }),
  row('GetInstalledCertificateIds', 'central', security, 'security paper, M03', {
    command: 'GetInstalledCertificateIds',
  }),
  row('GetLog', 'central', security, 'security paper, N01', { command: 'GetLog' }),
  row('InstallCertificate', 'central', security, 'security paper, M05', { command: 'InstallCertificate' }),
  row('LogStatusNotification', 'station', security, 'security paper, N01', { report: 'log.statusChanged' }),
  row('SecurityEventNotification', 'station', security, 'security paper, A04', { report: 'security.eventReported' }),
  row('SignCertificate', 'station', security, 'security paper, A02', { report: 'certificate.signingRequested' }),
  row('SignedFirmwareStatusNotification', 'station', security, 'security paper, L01', {
    report: 'firmware.statusChanged',
  }),
  row('SignedUpdateFirmware', 'central', security, 'security paper, L01', {
    command: 'UpdateFirmware',
    timeoutMs: longCallMs,
  }),
];

export const catalogue16: Catalogue = {
  version: '1.6',
  rows: new Map(rows),
  notYet: notYet16,
  answers: {
    'authorization.requested': answerAuthorize,
    'station.booted': answerBootNotification,
    'vendor.dataReceived': answerDataTransfer,
    'meter.sampled': answerMeterValues,
    'transaction.started': answerStartTransaction,
    'connector.statusChanged': answerStatusNotification,
    'transaction.ended': answerStopTransaction,
  },
  heartbeat: answerHeartbeat,
  commands: {
    ChangeAvailability: lowerChangeAvailability,
    ClearCache: lowerClearCache,
    DataTransfer: lowerDataTransfer,
    GetVariables: lowerGetVariables,
    RequestStartTransaction: lowerRequestStartTransaction,
    RequestStopTransaction: lowerRequestStopTransaction,
    Reset: lowerReset,
    SetVariables: lowerSetVariables,
    UnlockConnector: lowerUnlockConnector,
  },
};
