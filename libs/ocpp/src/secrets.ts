import { isRecord } from './json.js';
import { scanNesting } from './rpc/scan.js';

/** What stands where a secret stood. */
export const mask = '***';

const secretKeys = new Set(['authorizationkey', 'basicauthpassword']);
const secretWord = /authorizationkey|basicauthpassword/i;

/** Whether a configuration key holds a secret that is never stored, logged or shown. */
export function isSecretKey(key: string): boolean {
  return secretKeys.has(key.trim().toLowerCase());
}

/** The messages and commands that can carry configuration keys with their values. */
const carriers = new Set(['ChangeConfiguration', 'GetConfiguration', 'SetVariables']);

/**
 * A payload (request or answer) or a command's params with secrets masked: the same object when there is none.
 * `action` is the action's name or the command's type. To be used before storing, logging or showing.
 */
export function maskSecrets(action: string, payload: Record<string, unknown>): Record<string, unknown> {
  if (!carriers.has(action)) return payload;
  const masked = maskPairs(payload);
  return isRecord(masked) ? masked : payload;
}

/** Masks the value of each `{ key, value }` pair that names a secret, however deep; unchanged parts are shared. */
function maskPairs(value: unknown): unknown {
  if (Array.isArray(value)) {
    const items = value.map(maskPairs);
    return items.some((item, at) => item !== value[at]) ? items : value;
  }
  if (!isRecord(value)) return value;
  const secret = typeof value['key'] === 'string' && isSecretKey(value['key']);
  let changed: [string, unknown][] | undefined;
  const members = Object.entries(value);
  members.forEach(([name, member], at) => {
    const kept = secret && name === 'value' ? mask : maskPairs(member);
    if (kept !== member) (changed ??= [...members])[at] = [name, kept];
  });
  return changed === undefined ? value : Object.fromEntries(changed);
}

const limits = { depthMax: 64, itemsMax: 100_000 };

/**
 * A raw frame's text with secrets masked, for the flight recorder and the log: the same text when it holds none.
 * A text that is no JSON and names a secret is cut before the name.
 */
export function maskFrame(text: string): string {
  if (!secretWord.test(text) && !text.includes('\\u')) return text;
  if (scanNesting(text, limits) === 'fits') {
    try {
      const frame: unknown = JSON.parse(text);
      const masked = maskPairs(frame);
      return masked === frame ? text : JSON.stringify(masked);
    } catch {
      // No JSON: what names a secret is cut off below.
    }
  }
  const plain = text.replace(/\\u([0-9a-f]{4})/gi, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
  const at = plain.search(secretWord);
  return at < 0 ? text : `${plain.slice(0, at)}${mask}`;
}
