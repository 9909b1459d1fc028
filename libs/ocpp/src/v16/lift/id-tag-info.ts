import type { AuthorizationStatus, IdTokenInfo } from '@busbar/domain';

/** 1.6 knows five of the ten words; the others become the nearest that refuses. */
const statuses: Readonly<Record<AuthorizationStatus, string>> = {
  Accepted: 'Accepted',
  Blocked: 'Blocked',
  Expired: 'Expired',
  Invalid: 'Invalid',
  ConcurrentTx: 'ConcurrentTx',
  NoCredit: 'Blocked',
  Unknown: 'Invalid',
  NotAtThisLocation: 'Invalid',
  NotAtThisTime: 'Invalid',
  NotAllowedTypeEVSE: 'Invalid',
};

const parentLengthMax = 20;

/** The idTagInfo of OCPP 1.6, 7.27. A group that is too long for 1.6 is left out: cut, it would be another group. */
export function idTagInfo(info: IdTokenInfo): Record<string, unknown> {
  const expires = info.expiresAt === undefined ? Number.NaN : Date.parse(info.expiresAt);
  return {
    ...(Number.isNaN(expires) ? {} : { expiryDate: new Date(expires).toISOString() }), // I-05
    ...(info.group !== undefined && info.group.length <= parentLengthMax ? { parentIdTag: info.group } : {}), // I-06
    status: statuses[info.status],
  };
}
