import { mask, maskFrame as maskKeys } from '@busbar/ocpp';

const urlWithPassword = /([a-z][a-z0-9+.-]{1,15}:\/\/[^/?#@:"\s]{0,256}):[^/?#@"\s]{0,256}@/gi;

/** A raw frame as it may be kept: without keys, and without the passwords of URLs, in either direction. // A-06 */
export function maskFrame(text: string): string {
  const masked = maskKeys(text);
  return masked.includes('@') ? masked.replace(urlWithPassword, `$1:${mask}@`) : masked;
}
