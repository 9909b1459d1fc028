import { type Clock, type Registration, storableText } from '@busbar/domain';
import type { AuthenticateReply, ConnectAttempt, ConnectResult } from '@busbar/events';
import { identityBytesMax } from '../settings/identity.js';
import { sessionOf } from '../station.js';
import { judge, type KnownStation, type Verdict } from './judge.js';
import type { KeyVault, VerifiedKey } from './key-vault.js';
import type { Refusals } from './refusals.js';

/** What happens to a station that nobody registered; see docs/stations.md. */
export type UnknownStationPolicy = 'refuse' | 'pending' | 'accept';

/** The stored side of authentication. */
export interface AuthenticationStore {
  /** All at once, in one query. Deleted and unknown ones are left out. */
  find(identities: readonly string[]): Promise<Map<string, KnownStation>>;
  /**
   * Makes rows for stations that introduced themselves; an identity that was deleted by an operator stays out,
   * and so does everything beyond the bound. Any number of replicas may do it at once.
   */
  selfRegister(identities: readonly string[], registration: Registration, now: Date): Promise<void>;
  /** A key was used: notes form and time, and ends the keys that it replaced. */
  keysUsed(used: readonly VerifiedKey[], now: Date): Promise<void>;
}

/** Lets stations in, batch by batch. Safe to call concurrently. */
export class Authentication {
  constructor(
    private readonly store: AuthenticationStore,
    private readonly vault: KeyVault,
    private readonly policy: UnknownStationPolicy,
    private readonly refusals: Refusals,
    private readonly clock: Clock,
  ) {}

  /** A result per attempt, in their order. Throws `VaultBusyError`, and what the store throws. */
  async authenticate(attempts: readonly ConnectAttempt[]): Promise<AuthenticateReply> {
    const now = this.clock.now();
    const known = await this.#findOrRegister(attempts, now);
    const verdicts = await Promise.all(
      attempts.map((attempt) => judge(attempt, known.get(attempt.identity), this.vault, now)),
    );
    const used = verdicts.flatMap(keyToNote);
    if (used.length > 0) await this.store.keysUsed(used, now);
    const results = attempts.map((attempt, index): ConnectResult => {
      const verdict = verdicts[index];
      if (verdict?.outcome === 'accepted') {
        return { outcome: 'accepted', session: sessionOf(verdict.known.station, now) };
      }
      const reason = verdict?.reason ?? 'unknown-station';
      this.refusals.add(attempt, reason, known.get(attempt.identity)?.station ?? null, now);
      return { outcome: 'refused', reason };
    });
    return { results };
  }

  async #findOrRegister(attempts: readonly ConnectAttempt[], now: Date): Promise<Map<string, KnownStation>> {
    const identities = [...new Set(attempts.map((attempt) => attempt.identity).filter(canBeRegistered))];
    const known = await this.store.find(identities);
    if (this.policy === 'refuse') return known;
    // A station that introduces itself proves nothing, so it is taken on the private, plain listener only.
    const plain = attempts.filter(({ identity, listener }) => listener === 'plain' && !known.has(identity));
    const unknown = [...new Set(plain.map(({ identity }) => identity).filter(canBeRegistered))];
    if (unknown.length === 0) return known;
    await this.store.selfRegister(unknown, this.policy === 'accept' ? 'accepted' : 'pending', now);
    return new Map([...known, ...(await this.store.find(unknown))]);
  }
}

/** No row can have an identity that Postgres refuses, so it need not be asked. */
function canBeRegistered(identity: string): boolean {
  return identity === storableText(identity, identityBytesMax) && Buffer.byteLength(identity) <= identityBytesMax;
}

/** Only a first use, another form, or the first use after a change needs writing. */
function keyToNote(verdict: Verdict): VerifiedKey[] {
  if (verdict.outcome !== 'accepted' || !verdict.used) return [];
  const { used, known } = verdict;
  const { key, form } = used;
  const replaces = key.expiresAt === null && known.keys.some((other) => other.expiresAt !== null);
  return key.firstUsedAt === null || key.form !== form || replaces ? [used] : [];
}
