import { connect, type Socket } from 'node:net';
import { Lane } from './lane.js';
import { type Trap, tailAfter } from './trap.js';

/** What a connection asks its proxy for. */
export interface ProxyRules {
  readonly latencyMs: number;
  readonly held: boolean;
  readonly requestTraps: readonly Trap[];
  readonly replyTraps: readonly Trap[];
}

/** How long a server may take to answer a request whose asker was cut off. */
const orphanMs = 10_000;

/** One connection through a proxy: near is who called, far is the server. */
export class ProxiedConnection {
  readonly #near: Socket;
  readonly #far: Socket;
  readonly #requests: Lane;
  readonly #replies: Lane;
  #requestTail = '';
  #replyTail = '';
  /** The near side is gone; what the server still says is dropped. */
  #orphan = false;

  constructor(near: Socket, target: { host: string; port: number }, rules: ProxyRules, closed: () => void) {
    this.#near = near;
    this.#far = connect(target.port, target.host);
    near.setNoDelay(true);
    this.#far.setNoDelay(true);
    this.#requests = new Lane(near, this.#far);
    this.#replies = new Lane(this.#far, near);
    near.on('data', (bytes) => this.#onRequest(bytes, rules));
    this.#far.on('data', (bytes) => this.#onReply(bytes, rules));
    near.on('end', () => this.#requests.end());
    this.#far.on('end', () => this.#replies.end());
    // An error of one side ends the other; the close that follows an error does the work.
    near.on('error', () => undefined);
    this.#far.on('error', () => undefined);
    near.on('close', () => this.#onNearClosed());
    this.#far.on('close', () => {
      this.#near.destroy();
      closed();
    });
    if (rules.held) this.hold();
  }

  hold(): void {
    this.#requests.hold();
    this.#replies.hold();
  }

  pass(): void {
    this.#requests.pass();
    this.#replies.pass();
  }

  /** Both sides see a reset. What was on its way is lost. */
  cut(): void {
    this.#requests.clear();
    this.#replies.clear();
    this.#near.resetAndDestroy();
    this.#far.resetAndDestroy();
  }

  #onRequest(bytes: Buffer, rules: ProxyRules): void {
    const trap = rules.requestTraps.find((one) => one.springs(this.#requestTail, bytes));
    this.#requestTail = tailAfter(this.#requestTail, bytes);
    if (!trap) {
      this.#requests.push(bytes, rules.latencyMs);
      return;
    }
    this.#far.write(bytes);
    this.#cutOffNear();
  }

  #onReply(bytes: Buffer, rules: ProxyRules): void {
    if (this.#orphan) {
      this.#far.end();
      return;
    }
    const trap = rules.replyTraps.find((one) => one.springs(this.#replyTail, bytes));
    this.#replyTail = tailAfter(this.#replyTail, bytes);
    if (!trap) this.#replies.push(bytes, rules.latencyMs);
    else if (trap.action === 'cut-before-reply') this.#cutOffNear();
  }

  /** Resets the near side; the server is left to finish what it was asked, since a reset there could undo the asking. */
  #cutOffNear(): void {
    this.#orphan = true;
    this.#near.resetAndDestroy();
    const timer = setTimeout(() => this.#far.destroy(), orphanMs);
    this.#far.once('close', () => clearTimeout(timer));
  }

  #onNearClosed(): void {
    this.#replies.clear();
    if (!this.#orphan) this.#far.destroy();
  }
}
