import uWS from 'uWebSockets.js';

/**
 * The floor: the least that a process on this engine can do for a station. It parses each CALL and answers it,
 * and nothing else. Prints its port, then serves until it is told to stop.
 */
const app = uWS.App();
app.ws('/*', {
  maxPayloadLength: 256 * 1024,
  idleTimeout: 960,
  upgrade: (response, request, context) => {
    response.upgrade(
      {},
      request.getHeader('sec-websocket-key'),
      request.getHeader('sec-websocket-protocol'),
      request.getHeader('sec-websocket-extensions'),
      context,
    );
  },
  message: (socket, message) => {
    const frame: unknown = JSON.parse(Buffer.from(message).toString('utf8'));
    if (!Array.isArray(frame) || frame[0] !== 2) {
      return;
    }
    const payload = frame[2] === 'Heartbeat' ? { currentTime: new Date().toISOString() } : {};
    socket.send(JSON.stringify([3, frame[1], payload]));
  },
});

app.listen('127.0.0.1', 0, (listening) => {
  if (listening === false) {
    process.stderr.write('the floor could not listen\n');
    process.exit(1);
  }
  process.stdout.write(`${JSON.stringify({ port: uWS.us_socket_local_port(listening) })}\n`);
});

process.on('SIGTERM', () => process.exit(0));
