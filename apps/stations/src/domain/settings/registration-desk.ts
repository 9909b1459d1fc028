import { randomBytes } from 'node:crypto';
import type { Clock } from '@busbar/domain';
import type { AskContext, StationKeyRequest, StationSettings, StationView } from '@busbar/events';
import type { KeyVault } from '../authentication/key-vault.js';
import { type PlainKey, plainKeyOf } from '../authentication/station-key.js';
import type { StationWrites } from '../station-store.js';
import { identityProblem } from './identity.js';
import { checkedSettings, defaultSettings, invalidBody } from './station-settings.js';

export type StationRequest = { identity: string; key?: StationKeyRequest } & Partial<StationSettings>;

const sealPurpose = 'station key of stations.create';

/** Registers stations. The key leaves it once, in hex, and again only to a repeat under the same idempotency key. */
export class RegistrationDesk {
  constructor(
    private readonly stations: StationWrites,
    private readonly vault: KeyVault,
    private readonly clock: Clock,
  ) {}

  /** Throws a `ProblemError` 422 `body-invalid` or 409 `station-exists`. */
  async create(request: StationRequest, context: AskContext): Promise<{ station: StationView; key: string | null }> {
    const { identity, key: keyRequest, ...posted } = request;
    const problem = identityProblem(identity);
    if (problem !== null) throw invalidBody([{ pointer: '/identity', detail: problem }]);
    const settings = { ...defaultSettings, ...checkedSettings(posted) };
    const plain = plainKey(keyRequest, settings);
    const key = plain && { kind: plain.kind, ...(await this.vault.digest(plain)) };
    const sealed = plain && this.vault.seal(sealPurpose, plain.bytes.toString('hex'));
    const created = await this.stations.create(context, { identity, settings, key }, sealed, this.clock.now());
    const { station, sealedKey } = created;
    return { station, key: sealedKey === null ? null : this.vault.open(sealPurpose, sealedKey) };
  }
}

/** The key that a station of these settings gets: generated unless one was posted, none at profiles 0 and 3. */
function plainKey(request: StationKeyRequest | undefined, { securityProfile }: StationSettings): PlainKey | null {
  const keyless = securityProfile === 0 || securityProfile === 3;
  if (keyless && (request === undefined || request === 'generate')) return null;
  if (keyless) throw invalidBody([{ pointer: '/key', detail: `has no place at security profile ${securityProfile}` }]);
  const key = plainKeyOf(request ?? 'generate', randomBytes);
  if (typeof key === 'string') throw invalidBody([{ pointer: '/key', detail: key }]);
  return key;
}
