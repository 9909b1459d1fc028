/** Configuration keys whose value is a secret: never stored, shown as `***` (rule A-09). */
const secretKeys: ReadonlySet<string> = new Set(['authorizationkey', 'basicauthpassword']);
const secretWords = /password|passwd|secret|authkey|privatekey|token$|apn.*auth/;

export const maskedValue = '***';

/** Compares without regard to case, as configuration keys do; the list is wide on purpose, vendors have their own. */
export function isSecretVariable(key: string): boolean {
  const folded = key.toLowerCase();
  return secretKeys.has(folded) || secretWords.test(folded.replace(/[^a-z]/g, ''));
}
