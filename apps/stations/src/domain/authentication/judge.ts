import type { SecurityProfile } from '@busbar/domain';
import type { ConnectAttempt, ConnectResult } from '@busbar/events';
import type { Station } from '../station.js';
import { type BasicCredentials, basicCredentials } from './basic-credentials.js';
import { certificateIsOf } from './client-certificate.js';
import type { KeyVault, VerifiedKey } from './key-vault.js';
import { holdingKeys, type StoredKey } from './station-key.js';

/** A registered station and what it may show. */
export interface KnownStation {
  station: Station;
  /** Newest first. */
  keys: StoredKey[];
  /** Of its last boot. */
  serialNumber: string | null;
}

export type RefusalReason = Extract<ConnectResult, { outcome: 'refused' }>['reason'];

export type Verdict =
  | { outcome: 'accepted'; known: KnownStation; used: VerifiedKey | null }
  | { outcome: 'refused'; reason: RefusalReason };

/**
 * Whether an attempt is the station's. The key is checked first and always, against nothing when the station is
 * unknown, so that the time of a refusal does not tell the two apart. Throws `VaultBusyError`.
 */
export async function judge(
  attempt: ConnectAttempt,
  known: KnownStation | undefined,
  vault: KeyVault,
  now: Date,
): Promise<Verdict> {
  const header = attempt.basic === undefined ? null : Buffer.from(attempt.basic, 'base64');
  const credentials = header && basicCredentials(header, attempt.identity);
  const keys = known ? holdingKeys(known.keys, now) : [];
  const used = credentials && (await vault.verify(credentials.password, keys));
  if (!known) return refused('unknown-station');
  const { securityProfile } = known.station;
  const reason = reasonAgainst(attempt, known, credentials, used, now);
  if (reason) return refused(reason);
  return { outcome: 'accepted', known, used: needsKey(securityProfile) ? used : null };
}

function reasonAgainst(
  attempt: ConnectAttempt,
  known: KnownStation,
  credentials: BasicCredentials | null,
  used: VerifiedKey | null,
  now: Date,
): RefusalReason | null {
  const { securityProfile, identity } = known.station;
  if (needsKey(securityProfile)) {
    if (!credentials || !used) return 'wrong-key'; // T-09
    if (!credentials.userNameMatches) return 'user-name';
  }
  // One profile at a time: a station of another profile is refused on this listener (rule A-01).
  if (attempt.listener !== (securityProfile <= 1 ? 'plain' : 'tls')) return 'security-profile';
  if (securityProfile !== 3) return null;
  const { clientCertificate } = attempt;
  const right = clientCertificate && certificateIsOf(clientCertificate, identity, known.serialNumber, now);
  return right ? null : 'wrong-key';
}

function needsKey(profile: SecurityProfile): boolean {
  return profile === 1 || profile === 2;
}

function refused(reason: RefusalReason): Verdict {
  return { outcome: 'refused', reason };
}
