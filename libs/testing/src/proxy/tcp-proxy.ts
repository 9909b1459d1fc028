import type { AddressInfo } from 'node:net';
import { createServer, type Server, type Socket } from 'node:net';
import { ProxiedConnection } from './proxied-connection.js';
import { Trap, type TrapAction } from './trap.js';

/**
 * A way to a server that a test can break in the ways that networks break: cut, refuse, hold, slow down, or lose one
 * reply. New connections and old ones obey alike. `pass` mends it.
 */
export class TcpProxy {
  readonly #server: Server;
  readonly #target: { host: string; port: number };
  readonly #open = new Set<ProxiedConnection>();
  readonly #rules = { latencyMs: 0, held: false, requestTraps: [] as Trap[], replyTraps: [] as Trap[] };
  #refusing = false;

  private constructor(target: { host: string; port: number }) {
    this.#target = target;
    // What one side still says after the other has finished must pass as well.
    this.#server = createServer({ allowHalfOpen: true }, (near) => this.#accept(near));
  }

  /** Listens on a free port of 127.0.0.1, on the way to the host and port of a URL. */
  static async to(url: string): Promise<TcpProxy> {
    const { hostname, port } = new URL(url);
    const proxy = new TcpProxy({ host: hostname, port: Number(port) });
    await new Promise<void>((resolve, reject) => {
      proxy.#server.once('error', reject);
      proxy.#server.listen(0, '127.0.0.1', resolve);
    });
    return proxy;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** How many connections are open. */
  get connections(): number {
    return this.#open.size;
  }

  /** The same URL, by way of this proxy. */
  urlOf(url: string): string {
    const changed = new URL(url);
    changed.hostname = '127.0.0.1';
    changed.port = String(this.port);
    return changed.href;
  }

  /** Everything passes again, at once; what was held arrives. Traps that were set stay set. */
  pass(): void {
    this.#refusing = false;
    this.#rules.held = false;
    this.#rules.latencyMs = 0;
    for (const connection of this.#open) connection.pass();
  }

  /** Resets all connections. New ones are accepted, unless refused. */
  cut(): void {
    for (const connection of [...this.#open]) connection.cut();
  }

  /** Resets all connections, and every new one, until `pass`. */
  refuse(): void {
    this.#refusing = true;
    this.cut();
  }

  /** Connections stay and are accepted, but no byte passes either way, until `pass`. */
  hold(): void {
    this.#rules.held = true;
    for (const connection of this.#open) connection.hold();
  }

  /** Every byte takes this long, each way. */
  delay(latencyMs: number): void {
    this.#rules.latencyMs = latencyMs;
  }

  /**
   * Lets the next bytes that match reach the server and resets the asker before a reply can return; the server finishes
   * what it was asked. Resolves when it has happened. Bytes are matched as latin1 text.
   */
  cutAfterRequest(pattern: RegExp): Promise<void> {
    return this.#set(this.#rules.requestTraps, 'cut-after-request', pattern);
  }

  /** Swallows the next reply (the chunk of bytes) that matches; the connection stays. Resolves when it has happened. */
  dropReply(pattern: RegExp): Promise<void> {
    return this.#set(this.#rules.replyTraps, 'drop-reply', pattern);
  }

  /** Resets the asker instead of passing the next reply that matches. Resolves when it has happened. */
  cutBeforeReply(pattern: RegExp): Promise<void> {
    return this.#set(this.#rules.replyTraps, 'cut-before-reply', pattern);
  }

  async close(): Promise<void> {
    this.refuse();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  async #set(traps: Trap[], action: TrapAction, pattern: RegExp): Promise<void> {
    const trap = new Trap(action, pattern);
    traps.push(trap);
    await trap.sprung;
    traps.splice(traps.indexOf(trap), 1);
  }

  #accept(near: Socket): void {
    near.on('error', () => undefined);
    if (this.#refusing) {
      near.resetAndDestroy();
      return;
    }
    const connection = new ProxiedConnection(near, this.#target, this.#rules, () => this.#open.delete(connection));
    this.#open.add(connection);
  }
}
