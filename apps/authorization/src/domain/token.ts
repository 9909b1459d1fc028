import type { AuthorizationStatus, TenantId } from '@busbar/domain';
import { foldIdToken, storableText } from '@busbar/domain';

/** A token as it is kept. */
export interface Token {
  id: string;
  tenant: TenantId;
  /** As first seen. */
  idToken: string;
  /** The form in which tokens compare (rule I-01). */
  folded: string;
  status: AuthorizationStatus;
  expiresAt: Date | null;
  group: string | null;
  groupFolded: string | null;
  /** Null means no limit. */
  maxConcurrentTransactions: number | null;
  /** Identities of the stations where it may charge; null means no such list. */
  stations: string[] | null;
  sites: string[] | null;
  note: string | null;
  createdAt: Date;
  updatedAt: Date;
}

export const idTokenLengthMax = 255;
/** What OCPP 1.6 allows; a station may cut a longer one. */
const idTokenLength16 = 20;

/** What a presented text may be known as, best first: the whole of it and, when it is over-long, its first 20 characters. */
export function foldedCandidates(presented: string): string[] {
  const whole = storableText(presented, idTokenLengthMax).trim();
  const folded = foldIdToken(whole);
  if (whole.length <= idTokenLength16) return [folded];
  const cut = foldIdToken(whole.slice(0, idTokenLength16));
  return cut === folded ? [folded] : [folded, cut]; // I-09
}
