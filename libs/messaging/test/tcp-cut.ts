import type { AddressInfo } from 'node:net';
import { createServer, connect as dial, type Server, type Socket } from 'node:net';

/** A way to NATS that a test can cut and join again, without touching the server that others use too. */
export class TcpCut {
  readonly #sockets = new Set<Socket>();
  #open = true;

  private constructor(
    private readonly server: Server,
    readonly url: string,
  ) {}

  static async to(target: string): Promise<TcpCut> {
    const { hostname, port } = new URL(target);
    const server = createServer((near) => cut.#join(near, hostname, Number(port)));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const cut: TcpCut = new TcpCut(server, `nats://127.0.0.1:${(server.address() as AddressInfo).port}`);
    return cut;
  }

  /** Ends every connection and refuses new ones until `join`. */
  cut(): void {
    this.#open = false;
    for (const socket of this.#sockets) socket.destroy();
  }

  join(): void {
    this.#open = true;
  }

  async close(): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.server.close(resolve));
  }

  #join(near: Socket, host: string, port: number): void {
    if (!this.#open) {
      near.destroy();
      return;
    }
    const far = dial(port, host);
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      this.#sockets.add(socket);
      socket.pipe(other);
      socket.on('error', () => socket.destroy());
      socket.on('close', () => {
        this.#sockets.delete(socket);
        other.destroy();
      });
    }
  }
}
