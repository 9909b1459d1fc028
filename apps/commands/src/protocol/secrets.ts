import { storableText } from '@busbar/domain';
import { mask, maskSecrets } from '@busbar/ocpp';

type Json = Record<string, unknown>;

/**
 * A payload or params without secrets: the values of keys that are secrets, and the password in a URL (the
 * locations of firmware and logs can carry one). The very same object when there are none.
 */
export function masked(action: string, value: Json): Json {
  return eachText(maskSecrets(action, value), maskUrl);
}

/**
 * What came from outside in a form that Postgres takes as JSON: NUL and lone surrogates become U+FFFD. The very same
 * object when there are none.
 */
export function storable(value: Json): Json {
  return eachText(value, (text) => storableText(text, text.length));
}

const urlMax = 4_096;
const urlWithPassword = /^([a-z][a-z0-9+.-]{1,15}:\/\/[^/?#@:]*):[^/?#]*@/i;

function maskUrl(text: string): string {
  return text.length <= urlMax ? text.replace(urlWithPassword, `$1:${mask}@`) : text;
}

function eachText(value: Json, change: (text: string) => string): Json {
  const changed = walk(value, change);
  return isRecord(changed) ? changed : value;
}

/** Names are texts too. Parts that do not change are shared. */
function walk(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === 'string') return change(value);
  if (Array.isArray(value)) {
    const items = value.map((item) => walk(item, change));
    return items.some((item, index) => item !== value[index]) ? items : value;
  }
  if (!isRecord(value)) return value;
  const members = Object.entries(value);
  const changed = members.map(([name, member]): [string, unknown] => [change(name), walk(member, change)]);
  const same = changed.every(([name, member], index) => name === members[index]?.[0] && member === members[index]?.[1]);
  return same ? value : Object.fromEntries(changed);
}

function isRecord(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
