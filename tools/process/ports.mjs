import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

// Below the range from which Linux and macOS take the ports of outgoing connections. A port from that range could be taken
// by a passing connection while its server is being restarted, or a reconnecting peer could end up connected to itself.
const LOWEST = 20_000;
const HIGHEST = 32_000;

/** Whether something can listen on this port of this address now. */
export function isFree(port, host = '127.0.0.1') {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error) => {
      if (error.code === 'EADDRINUSE') resolve(false);
      else reject(error);
    });
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(true)));
  });
}

/** A port of 127.0.0.1 that was free a moment ago and that no outgoing connection will take. */
export async function freePort() {
  for (let round = 0; round < 200; round++) {
    const port = randomInt(LOWEST, HIGHEST);
    if (await isFree(port)) return port;
  }
  throw new Error(`no free port between ${LOWEST} and ${HIGHEST}`);
}
