import { BusError } from './bus-error.js';

/** A message as the bytes that travel: JSON in UTF-8. */
export function encode(message: object): Buffer {
  return Buffer.from(JSON.stringify(message));
}

/** Reads a message. Throws `bad-message` when the bytes are no JSON; what type it has is the subject's promise. */
export function decode<T>(bytes: Uint8Array): T {
  try {
    return JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8')) as T;
  } catch (cause) {
    throw new BusError('bad-message', `${bytes.byteLength} bytes are not JSON`, { maybeSent: true, cause });
  }
}
