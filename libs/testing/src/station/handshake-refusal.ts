import type { IncomingHttpHeaders } from 'node:http';

/** The server answered the upgrade with something other than 101. */
export class HandshakeRefusal extends Error {
  constructor(
    readonly status: number,
    readonly headers: IncomingHttpHeaders,
    readonly body: string,
  ) {
    super(`the handshake was refused with ${status}`);
    this.name = 'HandshakeRefusal';
  }
}
