import type { AuthorizationStatus, TenantId } from '@busbar/domain';
import { describe, expect, it } from 'vitest';
import { decisionOf, type Found, idTokenInfoOf, judge, type Place, type Purpose } from './judge.js';
import { foldedCandidates, type Token } from './token.js';

const now = new Date('2026-06-01T00:00:00Z');
const past = new Date('2026-05-01T00:00:00Z');
const future = new Date('2026-07-01T00:00:00Z');
const here: Place = { identity: 'CP-1', site: 'depot' };

function token(more: Partial<Token> = {}): Token {
  return {
    id: 'id',
    tenant: 'default' as TenantId,
    idToken: 'Tag1',
    folded: 'TAG1',
    status: 'Accepted',
    expiresAt: null,
    group: null,
    groupFolded: null,
    maxConcurrentTransactions: 1,
    stations: null,
    sites: null,
    note: null,
    createdAt: now,
    updatedAt: now,
    ...more,
  };
}

const found = (more: Partial<Token> = {}, groupMore?: Partial<Token>, byCutValue = false): Found => ({
  token: token({ ...(groupMore ? { group: 'Fleet', groupFolded: 'FLEET' } : {}), ...more }),
  groupToken: groupMore ? token({ idToken: 'Fleet', folded: 'FLEET', ...groupMore }) : null,
  byCutValue,
});

const judged = (given: Found | undefined, purpose: Purpose = 'authorize', place: Place | undefined = here) =>
  judge(given, 'TAG1', purpose, place, now);

describe('decisions', () => {
  // Goal: the order of the checks, each with its own word for why (rules I-02, I-04).
  it.each<[string, Found | undefined, AuthorizationStatus, string]>([
    ['unknown', undefined, 'Invalid', 'unknown'],
    ['fine', found(), 'Accepted', 'accepted'],
    ['cut', found({}, undefined, true), 'Accepted', 'accepted-by-cut-value'],
    ['blocked', found({ status: 'Blocked' }), 'Blocked', 'blocked'],
    ['blocked and over', found({ status: 'Blocked', expiresAt: past }), 'Blocked', 'blocked'],
    ['over', found({ expiresAt: past }), 'Expired', 'expired'],
    ['over this instant', found({ expiresAt: now }), 'Expired', 'expired'],
    ['over later', found({ expiresAt: future }), 'Accepted', 'accepted'],
    ['set to Expired', found({ status: 'Expired' }), 'Expired', 'expired'],
    ['set to Invalid', found({ status: 'Invalid' }), 'Invalid', 'standing'],
    ['without credit', found({ status: 'NoCredit' }), 'NoCredit', 'standing'],
    ['group fine', found({}, {}), 'Accepted', 'accepted'],
    ['group blocked', found({}, { status: 'Blocked' }), 'Blocked', 'group-blocked'],
    ['group over', found({}, { expiresAt: past }), 'Expired', 'group-expired'],
    ['group invalid', found({}, { status: 'Invalid' }), 'Invalid', 'group-standing'],
    ['own before group', found({ expiresAt: past }, { status: 'Blocked' }), 'Expired', 'expired'],
    ['group value that is no token', found({ group: 'Fleet', groupFolded: 'FLEET' }), 'Accepted', 'accepted'],
  ])('I-04: %s', (_what, given, status, reason) => {
    expect(judged(given)).toMatchObject({ status, reason });
  });

  // Goal: a token may be held to stations, to sites, or to either; an empty list is nowhere.
  it.each<[string, Partial<Token>, Place | undefined, AuthorizationStatus, string]>([
    ['named station', { stations: ['CP-1'] }, here, 'Accepted', 'accepted'],
    ['other station', { stations: ['CP-2'] }, here, 'NotAtThisLocation', 'not-at-this-location'],
    ['identities are not folded', { stations: ['cp-1'] }, here, 'NotAtThisLocation', 'not-at-this-location'],
    ['named site', { sites: ['depot'] }, here, 'Accepted', 'accepted'],
    ['either list', { stations: ['CP-2'], sites: ['depot'] }, here, 'Accepted', 'accepted'],
    ['no site', { sites: ['depot'] }, { identity: 'CP-1', site: null }, 'NotAtThisLocation', 'not-at-this-location'],
    ['nowhere', { stations: [] }, here, 'NotAtThisLocation', 'not-at-this-location'],
    [
      'unknown station',
      { stations: ['CP-1'] },
      { identity: null, site: null },
      'NotAtThisLocation',
      'not-at-this-location',
    ],
    ['place not learned', { stations: ['CP-2'] }, undefined, 'Accepted', 'location-unverified'],
    ['blocked anywhere', { stations: ['CP-2'], status: 'Blocked' }, undefined, 'Blocked', 'blocked'],
  ])('I-07: %s', (_what, more, place, status, reason) => {
    expect(judge(found(more), 'TAG1', 'start', place, now)).toMatchObject({ status, reason });
  });

  // Goal: ConcurrentTx is for a start only, or nobody could stop with a reader that asks first (rule I-03).
  it.each<[Purpose, AuthorizationStatus]>([
    ['authorize', 'Accepted'],
    ['stop', 'Accepted'],
    ['start', 'ConcurrentTx'],
  ])('I-03: %s of a token set to ConcurrentTx is %s', (purpose, status) => {
    expect(judged(found({ status: 'ConcurrentTx' }), purpose).status).toBe(status);
    expect(judged(found({}, { status: 'ConcurrentTx' }), purpose).status).toBe(status);
  });

  // Goal: the expiry goes along only where it means something, the earlier of token and group (rule I-05).
  it('I-05: sends the expiry when there is a reason', () => {
    expect(idTokenInfoOf(judged(found()))).toEqual({ status: 'Accepted' });
    expect(idTokenInfoOf(judged(found({ expiresAt: future })))).toEqual({
      status: 'Accepted',
      expiresAt: '2026-07-01T00:00:00.000Z',
    });
    expect(idTokenInfoOf(judged(found({ expiresAt: future }, { expiresAt: past })))).toEqual({
      status: 'Expired',
      expiresAt: '2026-05-01T00:00:00.000Z',
      group: 'Fleet',
    });
    expect(idTokenInfoOf(judged(found({ status: 'Blocked', expiresAt: future })))).toEqual({ status: 'Blocked' });
    expect(idTokenInfoOf(judged(undefined))).toEqual({ status: 'Invalid' });
  });

  // Goal: tokens count for themselves, unless their group exists as a token with a limit (rule S-12).
  it.each<[string, Found | undefined, string, number | null]>([
    ['token alone', found(), 'TAG1', 1],
    ['token without limit', found({ maxConcurrentTransactions: null }), 'TAG1', null],
    ['group that is no token', found({ group: 'Fleet', groupFolded: 'FLEET' }), 'TAG1', 1],
    ['group without limit', found({}, { maxConcurrentTransactions: null }), 'TAG1', 1],
    ['group with limit', found({ maxConcurrentTransactions: null }, { maxConcurrentTransactions: 3 }), 'FLEET', 3],
    ['unknown', undefined, 'TAG1', null],
  ])('S-12: %s', (_what, given, concurrencyKey, maxConcurrentTransactions) => {
    expect(decisionOf(judged(given, 'start'))).toMatchObject({ concurrencyKey, maxConcurrentTransactions });
  });
});

describe('looked up as', () => {
  // Goal: trimmed, folded, and over-long texts by their first 20 characters too (rules I-01, I-09).
  it.each([
    ['tag1', ['TAG1']],
    [' F6 CA 0C C5 ', ['F6 CA 0C C5']],
    ['', ['']],
    ['VID:aabbcc', ['VID:AABBCC']],
    ['#FreeCharging', ['#FREECHARGING']],
    ['01234567890123456789', ['01234567890123456789']],
    ['01234567890123456789-', ['01234567890123456789-', '01234567890123456789']],
    ['0123456789012345678 -', ['0123456789012345678 -', '0123456789012345678']],
    ['a\u0000b', ['A\ufffdB']],
  ])('I-09: %j', (presented, candidates) => {
    expect(foldedCandidates(presented)).toEqual(candidates);
  });

  // Goal: an endless text costs nothing.
  it('I-09: is bounded', () => {
    expect(foldedCandidates('x'.repeat(100_000))[0]).toHaveLength(255);
  });
});
