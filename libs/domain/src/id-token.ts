/** AuthorizationStatus, OCPP 2.0.1's ten values; 1.6 knows the first five. */
export const authorizationStatuses = [
  'Accepted',
  'Blocked',
  'Expired',
  'Invalid',
  'ConcurrentTx',
  'NoCredit',
  'NotAllowedTypeEVSE',
  'NotAtThisLocation',
  'NotAtThisTime',
  'Unknown',
] as const;

export type AuthorizationStatus = (typeof authorizationStatuses)[number];

/** What a station is told about a token. `expiresAt` is RFC 3339 UTC; absent means no end (OCPP 1.6, 7.27). */
export interface IdTokenInfo {
  status: AuthorizationStatus;
  expiresAt?: string;
  group?: string;
}

/**
 * The form in which two tokens are compared: outer blanks removed, ASCII letters in upper case.
 * Tokens compare case-insensitively (OCPP 1.6, 3.9); what was seen is stored and echoed as it came.
 */
export function foldIdToken(idToken: string): string {
  return idToken.trim().replace(/[a-z]+/g, (letters) => letters.toUpperCase());
}
