import { connect } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

const BETWEEN_MS = 25;
const ANSWER_MS = 1_000;

/** Asks until the answer says that the server serves. The caller bounds it through the signal. */
export async function untilServing(host, port, question, isServing, signal) {
  while (!signal.aborted) {
    const answer = await ask(host, port, question, isServing);
    if (answer) return;
    // Aborting ends the pause early and with it the loop.
    await pause(BETWEEN_MS, undefined, { signal }).catch(() => undefined);
  }
}

/** Whether anything takes connections there within a second. */
export function takesConnections(host, port) {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: ANSWER_MS });
    const done = (answer) => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', () => done(true));
    socket.once('timeout', () => done(false));
    socket.once('error', () => done(false)); // Refused, or a name that nobody knows.
  });
}

/** Opens a connection, sends the question and looks at what has come back so far until it is enough or time is up. */
function ask(host, port, question, isServing) {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: ANSWER_MS });
    let got = Buffer.alloc(0);
    const done = (answer) => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', () => question.length > 0 && socket.write(question));
    socket.on('data', (chunk) => {
      got = Buffer.concat([got, chunk]);
      const verdict = isServing(got);
      if (verdict !== undefined) done(verdict);
    });
    socket.once('timeout', () => done(false));
    socket.once('error', () => done(false)); // Refused or cut: not serving yet.
    socket.once('close', () => done(false));
  });
}
