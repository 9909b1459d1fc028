import type { OcppVersion } from '@busbar/events';
import { type RpcError, spellErrorCode } from './error-code.js';

/** The id of a CALL as its sender wrote it. An answer must carry it back in the same JSON type. */
export interface CallId {
  messageId: string;
  /** The sender wrote a number; `messageId` holds its digits. */
  numericId?: true; // M-04
}

/** What a CALLERROR carries when the CALL had no id to be told by. */
export const unreadableMessageId = '-1'; // M-04

const descriptionMax = 255;
const plainId = /^[\w.:-]+$/;

/** `[2,id,action,payload]`. `messageId` is ours: a text of at most 36 characters, unique on the connection. */ // M-03
export function callFrame(messageId: string, action: string, payload: object): string {
  return `[2,${idLiteral(messageId)},${JSON.stringify(action)},${JSON.stringify(payload)}]`;
}

/** `[3,id,payload]`, the answer to the CALL of that id. */
export function resultFrame(id: string | CallId, payload: object): string {
  return `[3,${idLiteral(id)},${JSON.stringify(payload)}]`;
}

/** `[4,id,code,description,{}]`, always with all five elements, in the version's own spelling. */ // M-02
export function errorFrame(version: OcppVersion, id: string | CallId, error: RpcError): string {
  const description = error.description.slice(0, descriptionMax).toWellFormed();
  return `[4,${idLiteral(id)},"${spellErrorCode(version, error.code)}",${JSON.stringify(description)},{}]`;
}

function idLiteral(id: string | CallId): string {
  const text = typeof id === 'string' ? id : id.messageId;
  if (typeof id !== 'string' && id.numericId) return text;
  return plainId.test(text) ? `"${text}"` : JSON.stringify(text);
}
