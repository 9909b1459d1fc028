import { createHash } from 'node:crypto';
import type { ConnectAttempt } from '@busbar/events';
import type { Station } from '../station.js';
import type { RefusalReason } from './judge.js';

/** Refused attempts of one identity since they were last written. */
export interface Refusal {
  /** SHA-256 of the identity, hex: what was sent is never a key. */
  identityHash: string;
  /** Escaped and cut, for people. */
  identityShown: string;
  station: Station | null;
  reason: RefusalReason;
  listener: 'plain' | 'tls';
  remoteAddress: string;
  count: number;
  firstAt: Date;
  lastAt: Date;
  /** Whether others are told now; at most once a minute for one identity. */
  tell: boolean;
}

const pendingMax = 2_000;
const toldMax = 10_000;
const toldAgainAfterMs = 60_000;
const toldPerSecondMax = 20;
const shownMax = 64;

/**
 * Gathers refusals until they are written, once a second: they are worth knowing and not worth a commit each, and
 * a flood of invented identities must cost neither memory nor rows. Everything beyond the bounds is counted only.
 */
export class Refusals {
  readonly #pending = new Map<string, Refusal>();
  readonly #toldAt = new Map<string, number>();
  #second = 0;
  #toldInSecond = 0;
  #dropped = 0;

  add(attempt: ConnectAttempt, reason: RefusalReason, station: Station | null, now: Date): void {
    const identityHash = createHash('sha256').update(attempt.identity, 'utf8').digest('hex');
    const known = this.#pending.get(identityHash);
    if (known) {
      known.count += 1;
      known.lastAt = now;
      known.reason = reason;
      known.remoteAddress = attempt.remoteAddress;
      return;
    }
    if (this.#pending.size >= pendingMax) {
      this.#dropped += 1;
      return;
    }
    this.#pending.set(identityHash, {
      identityHash,
      identityShown: shown(attempt.identity),
      station,
      reason,
      listener: attempt.listener,
      remoteAddress: attempt.remoteAddress.slice(0, shownMax),
      count: 1,
      firstAt: now,
      lastAt: now,
      tell: this.#mayTell(identityHash, now.getTime()),
    });
  }

  /** Takes what is pending. Give it back with `restore` when it could not be written. */
  take(): Refusal[] {
    const taken = [...this.#pending.values()];
    this.#pending.clear();
    return taken;
  }

  restore(refusals: readonly Refusal[]): void {
    for (const refusal of refusals) {
      if (this.#pending.size >= pendingMax) this.#dropped += 1;
      else if (!this.#pending.has(refusal.identityHash)) this.#pending.set(refusal.identityHash, refusal);
    }
  }

  /** How many were neither written nor told since the start. */
  get dropped(): number {
    return this.#dropped;
  }

  #mayTell(identityHash: string, nowMs: number): boolean {
    const last = this.#toldAt.get(identityHash);
    if (last !== undefined && nowMs - last < toldAgainAfterMs) return false;
    const second = Math.floor(nowMs / 1000);
    if (second !== this.#second) {
      this.#second = second;
      this.#toldInSecond = 0;
    }
    if (this.#toldInSecond >= toldPerSecondMax) return false;
    this.#toldInSecond += 1;
    this.#toldAt.delete(identityHash);
    this.#toldAt.set(identityHash, nowMs);
    if (this.#toldAt.size > toldMax) {
      const [oldest] = this.#toldAt.keys();
      if (oldest !== undefined) this.#toldAt.delete(oldest);
    }
    return true;
  }
}

/** Printable ASCII as it is, everything else as an escape, cut. */
export function shown(identity: string): string {
  const escaped = identity
    .slice(0, shownMax)
    .replace(/[^\x20-\x7e]|\\/gu, (letter) => `\\u{${(letter.codePointAt(0) ?? 0).toString(16)}}`);
  return identity.length > shownMax ? `${escaped}…` : escaped;
}
