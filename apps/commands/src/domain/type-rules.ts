import { type CommandType, commandTypes } from '@busbar/events';
import type { Priority } from './command.js';

/** How commands of one type are treated. */
export interface TypeRules {
  priority: Priority;
  /** The CALLs after a failed one are still sent: they do not build on one another. */
  goesOn: boolean;
  /** Doing it twice is the same as doing it once, so a CALL that may or may not have been written is sent once more. */
  repeatable: boolean;
  /** Not sent while the station's registration is pending (OCPP 1.6, 4.2; rule R-07). */
  needsAcceptance: boolean;
}

const plain: TypeRules = { priority: 1, goesOn: false, repeatable: false, needsAcceptance: false };
const urgent: TypeRules = { ...plain, priority: 0 };
const bulk: TypeRules = { ...plain, priority: 2 };
const harmless: TypeRules = { ...plain, repeatable: true };

const rules: { readonly [T in CommandType]: TypeRules } = {
  RequestStartTransaction: { ...plain, needsAcceptance: true },
  RequestStopTransaction: { ...urgent, needsAcceptance: true },
  UnlockConnector: urgent,
  Reset: urgent,
  ChangeAvailability: harmless,
  TriggerMessage: harmless,
  GetVariables: { ...harmless, goesOn: true },
  SetVariables: { ...plain, goesOn: true },
  ClearCache: plain,
  GetLocalListVersion: harmless,
  SendLocalList: bulk,
  ReserveNow: plain,
  CancelReservation: plain,
  SetChargingProfile: plain,
  ClearChargingProfile: plain,
  GetCompositeSchedule: harmless,
  UpdateFirmware: bulk,
  GetLog: bulk,
  DataTransfer: plain,
  InstallCertificate: plain,
  DeleteCertificate: plain,
  GetInstalledCertificateIds: harmless,
  CertificateSigned: plain,
};

/** A raw CALL is never repeated: nobody here knows what it does. */
export function rulesOf(type: CommandType | 'Call'): TypeRules {
  return type === 'Call' ? plain : rules[type];
}

const known: ReadonlySet<string> = new Set(commandTypes);

export function isCommandType(text: string): text is CommandType {
  return known.has(text);
}
