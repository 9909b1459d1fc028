/**
 * Actions that stand in the catalogue and are not served. A station's CALL of one is answered NotSupported, a command
 * that needs one ends `not-supported`. A row leaves this list with its lift or lowering and its table of payloads.
 */
export const notYet16: ReadonlySet<string> = new Set([
  'CancelReservation',
  'CertificateSigned',
  'ClearChargingProfile',
  'DeleteCertificate',
  'DiagnosticsStatusNotification',
  'ExtendedTriggerMessage',
  'FirmwareStatusNotification',
  'GetCompositeSchedule',
  'GetDiagnostics',
  'GetInstalledCertificateIds',
  'GetLocalListVersion',
  'GetLog',
  'InstallCertificate',
  'LogStatusNotification',
  'ReserveNow',
  'SecurityEventNotification',
  'SendLocalList',
  'SetChargingProfile',
  'SignCertificate',
  'SignedFirmwareStatusNotification',
  'SignedUpdateFirmware',
  'TriggerMessage',
  'UpdateFirmware',
]);
