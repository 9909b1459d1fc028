import { defaultTenant, type StationId, type TenantId } from '@busbar/domain';
import { authorizationOperations, type DecisionRequest } from '@busbar/events';
import { sql } from '@busbar/persistence';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AuthorizationFixture, authorize } from './fixture.js';

let service: AuthorizationFixture;
const station = 'station00000000000000000a' as StationId;
const other = 'station00000000000000000b' as StationId;
const past = '2020-01-01T00:00:00.000Z';

beforeAll(async () => {
  service = await AuthorizationFixture.start();
  await service.serveStations([
    { station, identity: 'CP-1', site: 'depot' },
    { station: other, identity: 'CP-2', site: null },
  ]);
});

afterAll(async () => {
  await service.stop();
});

const put = (idToken: string, settings: object = {}, tenant: TenantId = defaultTenant) =>
  service.ask(authorizationOperations.put, { idToken, settings }, { tenant });

async function statusesOf(...tokens: string[]): Promise<unknown[]> {
  const receipts = await service.send(...tokens.map((idToken) => authorize(idToken)));
  return receipts.map((receipt) => ('answer' in receipt ? receipt.answer : receipt));
}

const decide = async (...decisions: (Partial<DecisionRequest> & { idToken: string })[]) => {
  const base = { tenant: defaultTenant, station, purpose: 'start' as const, occurredAt: '2026-11-22T10:00:00.000Z' };
  const request = { decisions: decisions.map((decision) => ({ ...base, ...decision })) };
  return (await service.ask(authorizationOperations.decide, request)).decisions;
};

const reasonsOf = async (idToken: string) =>
  (await service.ask(authorizationOperations.decisions, { limit: 10, idToken })).items.map(({ reason }) => reason);

describe('Authorize', () => {
  // Goal: every standing gets its status in one batch, in order, whatever the case and the blanks (I-01, I-02, I-09).
  it('I-02 I-04 I-09: answers a batch in order', async () => {
    await put('Good', { expiresAt: '2099-01-01T00:00:00Z', group: 'Family' });
    await put('Bad', { status: 'Blocked' });
    await put('Old', { expiresAt: past });
    await put('01234567890123456789');
    expect(await statusesOf('gOOD', ' bad ', 'old', 'nobody-1', '01234567890123456789-', '')).toEqual([
      { idTokenInfo: { status: 'Accepted', expiresAt: '2099-01-01T00:00:00.000Z', group: 'Family' } },
      { idTokenInfo: { status: 'Blocked' } },
      { idTokenInfo: { status: 'Expired', expiresAt: past } },
      { idTokenInfo: { status: 'Invalid' } },
      { idTokenInfo: { status: 'Accepted' } },
      { idTokenInfo: { status: 'Invalid' } },
    ]);
    expect(await reasonsOf('01234567890123456789-')).toEqual(['accepted-by-cut-value']);
  });

  // Goal: the group's own token counts when the group value exists as a token (rules I-04, I-06).
  it('I-06: applies the standing of the group', async () => {
    await put('Member', { group: 'club' });
    expect(await statusesOf('member')).toEqual([{ idTokenInfo: { status: 'Accepted', group: 'club' } }]);
    await put('CLUB', { status: 'Blocked' });
    expect(await statusesOf('member')).toEqual([{ idTokenInfo: { status: 'Blocked', group: 'club' } }]);
    expect(await reasonsOf('Member')).toEqual(['group-blocked', 'accepted']);
  });

  // Goal: the whole over-long text is preferred to its cut form (rule I-09).
  it('I-09: prefers the whole text', async () => {
    await put('AAAAAAAAAABBBBBBBBBB', { status: 'Blocked' });
    await put('AAAAAAAAAABBBBBBBBBBC');
    expect(await statusesOf('aaaaaaaaaabbbbbbbbbbc', 'aaaaaaaaaabbbbbbbbbbd')).toMatchObject([
      { idTokenInfo: { status: 'Accepted' } },
      { idTokenInfo: { status: 'Blocked' } },
    ]);
  });

  // Goal: never ConcurrentTx on Authorize (rule I-03).
  it('I-03: never says ConcurrentTx', async () => {
    await put('Busy', { status: 'ConcurrentTx' });
    expect(await statusesOf('busy')).toEqual([{ idTokenInfo: { status: 'Accepted' } }]);
    expect(await decide({ idToken: 'busy' })).toMatchObject([{ idTokenInfo: { status: 'ConcurrentTx' } }]);
  });

  // Goal: hostile and odd texts are tokens like any other and never fail a batch (rule I-09).
  it('I-09: takes any text', async () => {
    const texts = ["'; drop table x --", 'a\u0000b', '\ud800', 'x'.repeat(10_000), '\u202e', '*', '#FreeCharging'];
    const answers = await statusesOf(...texts);
    expect(answers).toEqual(texts.map(() => ({ idTokenInfo: { status: 'Invalid' } })));
  });

  // Goal: the same report again is one decision; an empty batch is a probe.
  it('keeps a repeated report once', async () => {
    const report = authorize('repeated');
    const answers = await Promise.all([service.send(report), service.send(report)]);
    expect(answers[1]).toEqual(answers[0]);
    expect(await reasonsOf('repeated')).toEqual(['unknown']);
    expect(await service.send()).toEqual([]);
  });

  // Goal: an Authorize and a start are told to others, a stop is not; each names the station.
  it('tells of decisions', async () => {
    await put('Told');
    await service.send(authorize('told', { station }));
    await decide({ idToken: 'told' }, { idToken: 'told', purpose: 'stop' });
    const facts = await service.rows<{ fact: object }>(sql`
      select fact from "authorization".outbox
      where fact ->> 'type' = 'authorization.decided' and fact -> 'data' ->> 'idToken' = 'told' order by position`);
    expect(facts.map(({ fact }) => fact)).toMatchObject([
      { station, stationIdentity: 'CP-1', data: { purpose: 'authorize', status: 'Accepted', reason: 'accepted' } },
      { station, stationIdentity: 'CP-1', data: { purpose: 'start', status: 'Accepted', reason: 'accepted' } },
    ]);
  });
});

describe('place', () => {
  // Goal: a token held to stations or sites is refused elsewhere, by what the stations service says.
  it('holds a token to its stations and sites', async () => {
    await put('Local', { stations: ['CP-1'] });
    await put('Sited', { sites: ['depot'] });
    const at = (idToken: string, where: StationId) => service.send(authorize(idToken, { station: where }));
    expect(await at('local', station)).toMatchObject([{ answer: { idTokenInfo: { status: 'Accepted' } } }]);
    expect(await at('local', other)).toMatchObject([{ answer: { idTokenInfo: { status: 'NotAtThisLocation' } } }]);
    expect(await at('sited', other)).toMatchObject([{ answer: { idTokenInfo: { status: 'NotAtThisLocation' } } }]);
    const decisions = await decide({ idToken: 'sited' }, { idToken: 'sited', station: other, purpose: 'stop' });
    expect(decisions).toMatchObject([{ reason: 'accepted' }, { reason: 'not-at-this-location' }]);
  });

  // Goal: a silent stations service never makes a driver Invalid: Authorize is asked again, a start goes on (I-07).
  it('I-07: invents nothing while the stations service is silent', async () => {
    const quiet = await AuthorizationFixture.start();
    try {
      await quiet.ask(authorizationOperations.put, { idToken: 'Local', settings: { stations: ['CP-1'] } });
      await quiet.ask(authorizationOperations.put, { idToken: 'Free', settings: {} });
      expect(await quiet.send(authorize('local'), authorize('free'))).toEqual([
        { again: expect.any(String) },
        { answer: { idTokenInfo: { status: 'Accepted' } } },
      ]);
      const kept = await quiet.rows<{ id_token: string }>(sql`select id_token from "authorization".decision`);
      expect(kept).toEqual([{ id_token: 'free' }]);
      const request = { tenant: defaultTenant, station, idToken: 'local', purpose: 'start', occurredAt: past } as const;
      const { decisions } = await quiet.ask(authorizationOperations.decide, { decisions: [request] });
      expect(decisions).toMatchObject([{ idTokenInfo: { status: 'Accepted' }, reason: 'location-unverified' }]);
    } finally {
      await quiet.stop();
    }
  });
});

describe('decide', () => {
  // Goal: a batch of several tenants in order, with the key and limit that transactions counts by (rule S-12).
  it('S-12: gives key and limit', async () => {
    const tenant = 'second' as TenantId;
    await put('Solo', { maxConcurrentTransactions: 2 });
    await put('Van-1', { group: 'fleet', maxConcurrentTransactions: null });
    await put('Fleet', { maxConcurrentTransactions: 5 });
    await put('solo', { status: 'Blocked' }, tenant);
    const decisions = await decide(
      { idToken: 'SOLO' },
      { idToken: 'solo', tenant },
      { idToken: 'van-1' },
      { idToken: ' nobody-2' },
    );
    expect(decisions).toEqual([
      { idTokenInfo: { status: 'Accepted' }, reason: 'accepted', concurrencyKey: 'SOLO', maxConcurrentTransactions: 2 },
      { idTokenInfo: { status: 'Blocked' }, reason: 'blocked', concurrencyKey: 'SOLO', maxConcurrentTransactions: 1 },
      {
        idTokenInfo: { status: 'Accepted', group: 'fleet' },
        reason: 'accepted',
        concurrencyKey: 'FLEET',
        maxConcurrentTransactions: 5,
      },
      {
        idTokenInfo: { status: 'Invalid' },
        reason: 'unknown',
        concurrencyKey: 'NOBODY-2',
        maxConcurrentTransactions: null,
      },
    ]);
    expect(await decide()).toEqual([]);
  });

  // Goal: a hundred decisions in one batch are one commit.
  it('keeps a batch in one commit', async () => {
    await decide(...Array.from({ length: 100 }, (_, index) => ({ idToken: `batch-${index % 10}` })));
    const rows = await service.rows(sql`
      select count(*)::int as decisions, count(distinct xmin::text)::int as commits
      from "authorization".decision where folded like 'BATCH-%'`);
    expect(rows).toEqual([{ decisions: 100, commits: 1 }]);
    const { items } = await service.ask(authorizationOperations.unknown, { limit: 500 });
    expect(items.filter(({ idToken }) => idToken.startsWith('batch-'))).toHaveLength(10);
    expect(items.find(({ idToken }) => idToken === 'batch-3')).toMatchObject({ count: 10, lastStation: 'CP-1' });
  });

  // Goal: two replicas that meet the same unknown tokens at the same moment neither fail nor lose a count.
  it('counts through two replicas', async () => {
    await service.addReplica();
    const tokens = Array.from({ length: 20 }, (_, index) => `rival-${index}`);
    await Promise.all(
      Array.from({ length: 10 }, (_, turn) =>
        service.send(...(turn % 2 ? tokens : tokens.toReversed()).map((idToken) => authorize(idToken))),
      ),
    );
    const rows = await service.rows(sql`
      select distinct count from "authorization".unknown_token where folded like 'RIVAL-%'`);
    expect(rows).toEqual([{ count: 10 }]);
  });
});
