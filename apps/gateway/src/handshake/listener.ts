import type uWS from 'uWebSockets.js';
import { createServer } from 'node:net';
import type { Clock } from '@busbar/domain';
import { closes } from '../connection/close-codes.js';
import type { Connection } from '../connection/connection.js';
import type { Inbound } from '../connection/inbound.js';
import type { Lifecycle } from '../connection/lifecycle.js';
import type { Liveness } from '../connection/liveness.js';
import type { Sender } from '../connection/sender.js';
import { StartFailure } from '../start-failure.js';
import { refusals } from './refusals.js';
import { refuse, type Upgraded, type UpgradeParts, Upgrades } from './upgrades.js';

/** The engine, loaded by the composition root, which can say what is wrong when it can't be. */
export type Engine = typeof uWS;

export interface ListenerOptions {
  host: string;
  port: number;
  frameBytesMax: number;
  /** More unsent bytes than this and the connection is dropped. */
  unsentBytesMax: number;
}

export interface ListenerParts {
  readonly engine: Engine;
  readonly clock: Clock;
  readonly upgrades: UpgradeParts;
  readonly lifecycle: Lifecycle;
  readonly inbound: Inbound;
  readonly liveness: Liveness;
  readonly sender: Sender;
}

interface UserData {
  /** Absent on a socket without a common version, which is closed as soon as it is open. */
  connection?: Connection;
}

/** A port that stations connect to. The engine's callbacks only hand over; nothing of the engine's outlives them. */
export class Listener {
  readonly #app: uWS.TemplatedApp;
  #socket: uWS.us_listen_socket | null = null;
  /** Sockets between the engine's open callback and the end of the upgrade: one at most. */
  readonly #opening: uWS.WebSocket<UserData>[] = [];

  constructor(
    private readonly parts: ListenerParts,
    private readonly options: ListenerOptions,
  ) {
    const upgrades = new Upgrades(parts.upgrades, 'plain', (upgraded) => this.#opened(upgraded));
    this.#app = parts.engine
      .App()
      .ws<UserData>('/*', this.#behaviour(upgrades))
      .any('/*', (response) => {
        parts.upgrades.metrics.refusedUpgrade('not-an-upgrade');
        refuse(response, refusals['not-an-upgrade']); // T-12
      });
  }

  /** Opens the port and says which it is. Throws `StartFailure` when it can't be had. */
  async listen(): Promise<number> {
    const { host, port } = this.options;
    await free(host, port);
    return new Promise((resolve, reject) => {
      this.#app.listen(host, port, (socket) => {
        if (socket === false) {
          reject(new StartFailure(`The port ${port} on ${host} can't be listened on.`));
          return;
        }
        this.#socket = socket;
        resolve(this.parts.engine.us_socket_local_port(socket));
      });
    });
  }

  /** No further connection is accepted; those that exist stay. */
  stopAccepting(): void {
    if (this.#socket !== null) this.parts.engine.us_listen_socket_close(this.#socket);
    this.#socket = null;
  }

  /** Drops everything. */
  close(): void {
    this.#socket = null;
    this.#app.close();
  }

  #opened(upgraded: Upgraded): void {
    const socket = this.#opening.pop();
    if (socket === undefined) return;
    const connection = this.parts.lifecycle.connection(upgraded);
    if (connection === null) {
      socket.end(closes.noCommonVersion.code, closes.noCommonVersion.reason); // T-06
      return;
    }
    socket.getUserData().connection = connection;
    this.parts.lifecycle.opened(connection, socket);
  }

  /** What goes wrong with one station's message must not end the gateway for all. */
  #message(connection: Connection, message: string): void {
    const { inbound, sender, clock, upgrades } = this.parts;
    try {
      inbound.message(connection, message, clock.monotonicMs());
    } catch (error) {
      upgrades.logger.error({ err: error, station: connection.session.station }, 'a message met an error');
      sender.close(connection, closes.failed);
    }
  }

  #behaviour(upgrades: Upgrades): uWS.WebSocketBehavior<UserData> {
    const { lifecycle, liveness, sender, clock } = this.parts;
    // A built-in function, because one of ours may be compiled when it is called: see upgrades.ts.
    const remember: (socket: uWS.WebSocket<UserData>) => void = this.#opening.push.bind(this.#opening);
    return {
      maxPayloadLength: this.options.frameBytesMax,
      maxBackpressure: this.options.unsentBytesMax,
      // Liveness is ours: the engine's limit sees neither heartbeats nor who answers pings.
      idleTimeout: 0,
      sendPingsAutomatically: false,
      upgrade: upgrades.begin,
      open: remember,
      message: (socket, message, isBinary) => {
        const { connection } = socket.getUserData();
        if (connection === undefined) return;
        if (isBinary)
          sender.close(connection, closes.binary); // T-11
        else this.#message(connection, text(message));
      },
      ping: (socket) => {
        const { connection } = socket.getUserData();
        if (connection !== undefined) liveness.frame(connection, clock.monotonicMs());
      },
      pong: (socket) => {
        const { connection } = socket.getUserData();
        if (connection !== undefined) liveness.pong(connection, clock.monotonicMs());
      },
      close: (socket, code, message) => {
        const { connection } = socket.getUserData();
        if (connection === undefined) this.#opening.length = 0;
        else lifecycle.closed(connection, code, text(message));
      },
    };
  }
}

/** A copy: the engine takes its buffer back when the callback returns. */
function text(message: ArrayBuffer): string {
  return Buffer.from(message).toString('utf8');
}

/**
 * The engine shares a port with whoever else lets it, so that two gateways on one port would each get half of the
 * stations. Whether the port is free is asked of the system first.
 */
function free(host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => reject(new StartFailure(whyNot(host, port, error))));
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve()));
  });
}

function whyNot(host: string, port: number, error: NodeJS.ErrnoException): string {
  switch (error.code) {
    case 'EADDRINUSE':
      return `The port ${port} on ${host} is in use; BUSBAR_GATEWAY_PORT chooses another one.`;
    case 'EACCES':
      return `The port ${port} needs rights that this process does not have; BUSBAR_GATEWAY_PORT chooses another one.`;
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return `This machine has no address ${host}; BUSBAR_LISTEN chooses another one.`;
    default:
      return `The port ${port} on ${host} can't be listened on: ${error.code ?? error.message}.`;
  }
}
