import type { StationId, TenantId } from '@busbar/domain';
import { authorizationOperations } from '@busbar/events';
import { sql } from '@busbar/persistence';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AuthorizationFixture, authorize } from './fixture.js';

let service: AuthorizationFixture;
const otherTenant = 'other' as TenantId;
const station = 'station00000000000000000a' as StationId;
const defaults = {
  status: 'Accepted',
  expiresAt: null,
  group: null,
  maxConcurrentTransactions: 1,
  stations: null,
  sites: null,
  note: null,
};

beforeAll(async () => {
  service = await AuthorizationFixture.start();
  await service.serveStations([{ station, identity: 'CP-1', site: null }]);
});

afterAll(async () => {
  await service.stop();
});

const put = (idToken: string, settings: object = {}, more = {}) =>
  service.ask(authorizationOperations.put, { idToken, settings }, more);

const changesOf = async (idToken: string) => {
  const rows = await service.rows<{ fact: { data: { change: string } } }>(sql`
    select fact from "authorization".outbox
    where fact ->> 'type' = 'token.changed' and upper(fact -> 'data' ->> 'idToken') = upper(${idToken})
    order by position`);
  return rows.map(({ fact }) => fact.data.change);
};

describe('tokens', () => {
  // Goal: put creates with the defaults, replaces wholly, and keeps the first spelling (rule I-01).
  it('I-01: puts a token', async () => {
    const first = await put(' Card-1 ', { note: 'x' });
    expect(first).toEqual({
      created: true,
      token: {
        idToken: 'Card-1',
        ...defaults,
        note: 'x',
        createdAt: expect.any(String),
        updatedAt: expect.any(String),
      },
    });
    const second = await put('CARD-1', { group: ' Fleet ', maxConcurrentTransactions: null });
    expect(second).toMatchObject({
      created: false,
      token: { idToken: 'Card-1', ...defaults, group: 'Fleet', maxConcurrentTransactions: null },
    });
    expect(second.token.createdAt).toBe(first.token.createdAt);
    expect(await service.ask(authorizationOperations.get, { idToken: 'card-1' })).toEqual(second.token);
    expect(await changesOf('card-1')).toEqual(['created', 'updated']);
  });

  // Goal: patch changes what was posted only; null takes a limit away.
  it('patches a token', async () => {
    await put('Card-2', { group: 'g', note: 'x', expiresAt: '2099-01-01T02:00:00+02:00' });
    const patch = (changes: object) => service.ask(authorizationOperations.patch, { idToken: 'card-2', changes });
    expect(await patch({ status: 'Blocked' })).toMatchObject({
      status: 'Blocked',
      group: 'g',
      note: 'x',
      expiresAt: '2099-01-01T00:00:00.000Z',
      maxConcurrentTransactions: 1,
    });
    const changed = await patch({ group: null, expiresAt: null, maxConcurrentTransactions: null, stations: ['CP-1'] });
    expect(changed).toMatchObject({
      group: null,
      expiresAt: null,
      maxConcurrentTransactions: null,
      stations: ['CP-1'],
    });
    await expect(patch({ colour: 'red' })).rejects.toMatchObject({ problem: { status: 422 } });
  });

  // Goal: a deleted token is unknown again, and told.
  it('deletes a token', async () => {
    await put('Card-3');
    expect(await service.ask(authorizationOperations.delete, { idToken: 'CARD-3' })).toEqual({});
    const unknown = { code: 'id-token-unknown', problem: { status: 404 } };
    for (const asked of [
      () => service.ask(authorizationOperations.delete, { idToken: 'card-3' }),
      () => service.ask(authorizationOperations.get, { idToken: 'card-3' }),
      () => service.ask(authorizationOperations.patch, { idToken: 'card-3', changes: {} }),
      () => service.ask(authorizationOperations.get, { idToken: 'a\u0000' }),
    ]) {
      await expect(asked()).rejects.toMatchObject(unknown);
    }
    expect(await changesOf('card-3')).toEqual(['created', 'deleted']);
  });

  // Goal: filters and pages, newest first, within the tenant.
  it('lists tokens', async () => {
    const tenant = { tenant: 'lists' as TenantId };
    await put('L-a', { group: 'Fleet' }, tenant);
    await put('L-b', { status: 'Blocked' }, tenant);
    await put('L_c', {}, tenant);
    const list = async (request: object) => {
      const page = await service.ask(authorizationOperations.list, { limit: 10, ...request }, tenant);
      return page.items.map(({ idToken }) => idToken);
    };
    expect(await list({})).toEqual(['L_c', 'L-b', 'L-a']);
    expect(await list({ q: 'l-' })).toEqual(['L-b', 'L-a']);
    expect(await list({ q: '%' })).toEqual([]);
    expect(await list({ status: 'Blocked' })).toEqual(['L-b']);
    expect(await list({ group: 'fleet' })).toEqual(['L-a']);
    const first = await service.ask(authorizationOperations.list, { limit: 2 }, tenant);
    const rest = await service.ask(authorizationOperations.list, { limit: 2, cursor: first.nextCursor ?? '' }, tenant);
    expect(rest).toMatchObject({ items: [{ idToken: 'L-a' }], nextCursor: null });
  });

  // Goal: nothing of one tenant is seen or changed from another.
  it('keeps tenants apart', async () => {
    const tenant = { tenant: otherTenant };
    await put('Mine');
    await service.send(authorize('mine', { station }), authorize('nobody-3', { station }));
    const refused = { code: 'id-token-unknown' };
    await expect(service.ask(authorizationOperations.get, { idToken: 'mine' }, tenant)).rejects.toMatchObject(refused);
    await expect(service.ask(authorizationOperations.delete, { idToken: 'mine' }, tenant)).rejects.toMatchObject(
      refused,
    );
    const nothing = { items: [], nextCursor: null };
    expect(await service.ask(authorizationOperations.decisions, { limit: 10 }, tenant)).toEqual(nothing);
    expect(await service.ask(authorizationOperations.unknown, { limit: 10 }, tenant)).toEqual(nothing);
    expect((await put('mine', { note: 'theirs' }, tenant)).created).toBe(true);
    expect(await service.ask(authorizationOperations.get, { idToken: 'mine' })).toMatchObject({ note: null });
  });

  // Goal: an unknown token is listed with where and when, and no longer once somebody puts it.
  it('I-02: lists unknown tokens', async () => {
    await service.send(
      authorize('Stranger', { station }),
      authorize('STRANGER', { station }),
      authorize('', { station }),
    );
    const unknownOf = async () =>
      (await service.ask(authorizationOperations.unknown, { limit: 500 })).items.filter(
        ({ idToken }) => idToken.toUpperCase() === 'STRANGER' || idToken === '',
      );
    const instant = expect.any(String);
    expect(await unknownOf()).toEqual([
      { idToken: 'Stranger', firstAt: instant, lastAt: instant, count: 2, lastStation: 'CP-1' },
    ]);
    await put('stranger');
    expect(await unknownOf()).toEqual([]);
  });

  // Goal: decisions by token and by station, with the station's identity.
  it('lists decisions', async () => {
    await service.send(authorize('Seen', { station }));
    const list = async (request: object) =>
      (await service.ask(authorizationOperations.decisions, { limit: 10, ...request })).items;
    const expected = [{ idToken: 'Seen', station: 'CP-1', purpose: 'authorize', status: 'Invalid', reason: 'unknown' }];
    expect(await list({ idToken: 'sEEN' })).toMatchObject(expected);
    expect(await list({ idToken: 'seen', station: 'CP-1' })).toMatchObject(expected);
    expect(await list({ idToken: 'seen', station: 'nowhere' })).toEqual([]);
  });
});
