import { defaultTenant, type StationId } from '@busbar/domain';
import { type SessionUpdate, stationOperations, transactionOperations } from '@busbar/events';
import { sql } from '@busbar/persistence';
import { waitUntil } from '@busbar/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connected, gatewayOne, report, status } from './build-report.js';
import { otherTenant, StationsFixture } from './fixture.js';

let service: StationsFixture;

beforeAll(async () => {
  service = await StationsFixture.start({ background: true });
});

afterAll(async () => {
  await service.stop();
});

const defaults = {
  securityProfile: 1,
  registration: 'accepted',
  heartbeatIntervalSeconds: 300,
  strict: false,
  assumeProtocol: null,
  site: null,
  tags: [],
  localList: { managed: false },
  clearCacheOnRevocation: false,
  connected: false,
  protocol: null,
  gateway: null,
  connectedAt: null,
  lastSeenAt: null,
  bootedAt: null,
  vendor: null,
  model: null,
  serialNumber: null,
  firmwareVersion: null,
  evses: [],
};

async function idOf(identity: string): Promise<StationId> {
  const { items } = await service.ask(stationOperations.references, { identities: [identity] });
  if (!items[0]) throw new Error('unknown');
  return items[0].station;
}

describe('registration', () => {
  // Goal: the whole station comes back with the defaults, and the generated key this once.
  it('creates a station with the defaults', async () => {
    const made = await service.ask(stationOperations.create, { identity: 'CP-0042' });
    expect(made.key).toMatch(/^[0-9a-f]{40}$/);
    expect(made.station).toEqual({ identity: 'CP-0042', ...defaults, createdAt: expect.any(String) });
    expect(await service.ask(stationOperations.get, { identity: 'CP-0042' })).toEqual(made.station);
  });

  // Goal: identities are unique in the installation; the second is a conflict and makes nothing.
  it('refuses a taken identity, of another tenant too', async () => {
    await service.ask(stationOperations.create, { identity: 'taken' });
    const again = (tenant = {}) => service.ask(stationOperations.create, { identity: 'taken' }, tenant);
    await expect(again()).rejects.toMatchObject({ code: 'station-exists', problem: { status: 409 } });
    await expect(again({ tenant: otherTenant })).rejects.toMatchObject({ code: 'station-exists' });
  });

  // Goal: the same idempotency key makes one station and gives the same one-time key again, never from clear text.
  it('gives a repeat the first answer', async () => {
    const idempotency = { key: 'i-1', digest: 'd-1' };
    const make = () => service.ask(stationOperations.create, { identity: 'once' }, { idempotency });
    const [first, second] = await Promise.all([make(), make()]);
    expect(second).toEqual(first);
    expect(await make()).toEqual(first);
    const other = { idempotency: { key: 'i-1', digest: 'd-2' } };
    await expect(service.ask(stationOperations.create, { identity: 'twice' }, other)).rejects.toMatchObject({
      code: 'idempotency-key-reused',
    });
    const rows = await service.rows<{ answer: object }>(sql`select answer from stations.idempotency_key`);
    expect(rows).not.toHaveLength(0);
    expect(JSON.stringify(rows)).not.toContain(first.key);
  });

  // Goal: keys go with the profile: none at 0 and 3, the posted one in hex otherwise.
  it.each([
    [{ securityProfile: 0 }, null],
    [{ securityProfile: 3, key: 'generate' }, null],
    [{ securityProfile: 2, key: { hex: 'AB'.repeat(16) } }, 'ab'.repeat(16)],
    [{ key: { text: 'abcdefghijklmnop' } }, Buffer.from('abcdefghijklmnop').toString('hex')],
  ] as const)('gives %j the key %s', async (settings, key) => {
    const identity = `key-${JSON.stringify(settings).length}-${key}`;
    expect((await service.ask(stationOperations.create, { identity, ...settings })).key).toBe(key);
  });

  // Goal: everything wrong is named, nothing is made.
  it.each([
    [{ identity: '' }, '/identity'],
    [{ identity: 'a\u0000' }, '/identity'],
    [{ identity: 'bad', securityProfile: 0, key: { hex: '00'.repeat(20) } }, '/key'],
    [{ identity: 'bad', key: { text: 'short' } }, '/key'],
    [{ identity: 'bad', heartbeatIntervalSeconds: -1 }, '/heartbeatIntervalSeconds'],
    [{ identity: 'bad', colour: 'red' }, '/colour'],
  ])('refuses %j', async (request, pointer) => {
    await expect(service.ask(stationOperations.create, request)).rejects.toMatchObject({
      problem: { status: 422, code: 'body-invalid', errors: [{ pointer }] },
    });
    await expect(service.ask(stationOperations.get, { identity: 'bad' })).rejects.toMatchObject({
      code: 'station-unknown',
    });
  });
});

describe('lists', () => {
  // Goal: every filter, newest first, page by page, within the tenant.
  it('filters and pages', async () => {
    const tenant = 'lists' as typeof otherTenant;
    const ask = { tenant };
    const make = (identity: string, more = {}) => service.ask(stationOperations.create, { identity, ...more }, ask);
    await make('L-a', { site: 'depot-7', tags: ['bay-3', 'x'] });
    await make('L-b', { registration: 'pending', securityProfile: 0 });
    await make('L_c');
    const station = (await service.ask(stationOperations.references, { identities: ['L-b'] }, ask)).items[0]?.station;
    if (!station) throw new Error('unknown');
    await service.send(report('station.connected', connected, { station, tenant }));
    const list = async (request: object) => {
      const page = await service.ask(stationOperations.list, { limit: 10, ...request }, ask);
      return page.items.map(({ identity }) => identity);
    };
    expect(await list({})).toEqual(['L_c', 'L-b', 'L-a']);
    expect(await list({ q: 'L-' })).toEqual(['L-b', 'L-a']);
    expect(await list({ q: '%' })).toEqual([]);
    expect(await list({ q: 'a\u0000' })).toEqual([]);
    expect(await list({ site: 'depot-7' })).toEqual(['L-a']);
    expect(await list({ tag: 'x' })).toEqual(['L-a']);
    expect(await list({ registration: 'pending' })).toEqual(['L-b']);
    expect(await list({ connected: true })).toEqual(['L-b']);
    expect(await list({ connected: false, q: 'L' })).toEqual(['L_c', 'L-a']);
    const first = await service.ask(stationOperations.list, { limit: 2 }, ask);
    expect(first.items).toHaveLength(2);
    const rest = await service.ask(stationOperations.list, { limit: 2, cursor: first.nextCursor ?? '' }, ask);
    expect(rest).toMatchObject({ items: [{ identity: 'L-a' }], nextCursor: null });
    await expect(service.ask(stationOperations.list, { limit: 2, cursor: 'x' }, ask)).rejects.toMatchObject({
      code: 'cursor-invalid',
    });
  });

  // Goal: no operation shows or changes anything of another tenant.
  it('keeps tenants apart', async () => {
    await service.ask(stationOperations.create, { identity: 'mine' });
    const station = await idOf('mine');
    const foreign = { tenant: otherTenant };
    const identity = 'mine';
    const refused = { code: 'station-unknown' };
    for (const asked of [
      () => service.ask(stationOperations.get, { identity }, foreign),
      () => service.ask(stationOperations.connectors, { identity }, foreign),
      () => service.ask(stationOperations.configuration, { identity }, foreign),
      () => service.ask(stationOperations.deviations, { identity }, foreign),
      () => service.ask(stationOperations.delete, { identity }, foreign),
    ]) {
      await expect(asked()).rejects.toMatchObject(refused);
    }
    const update = service.ask(stationOperations.update, { identity, changes: { strict: true } }, foreign);
    await expect(update).rejects.toMatchObject(refused);
    await expect(service.ask(stationOperations.watch, { identity, seconds: 1 }, foreign)).rejects.toMatchObject(
      refused,
    );
    expect((await service.ask(stationOperations.list, { limit: 10 }, foreign)).items).toEqual([]);
    const references = { identities: [identity], stations: [station] };
    expect((await service.ask(stationOperations.references, references, foreign)).items).toEqual([]);
    const reported = { station, at: new Date().toISOString(), variables: [{ key: 'K', value: 'v' }], unknownKeys: [] };
    await service.ask(stationOperations.variablesReported, reported, foreign);
    expect((await service.ask(stationOperations.configuration, { identity })).variables).toEqual([]);
  });
});

describe('changes', () => {
  /** Plays the gateway that holds a station. */
  async function held(identity: string) {
    const station = await idOf(identity);
    await service.directory.renewLease(gatewayOne);
    const { epoch } = await service.directory.claim(station, gatewayOne, 1);
    await service.send(report('station.connected', connected, { station, epoch }));
    const updates: SessionUpdate[] = [];
    const served = service.bus.serve<SessionUpdate>(service.bus.subjects.gatewaySession(gatewayOne), async (update) => {
      updates.push(update);
      return {};
    });
    await service.bus.connection.flush();
    return { station, updates, stop: () => served.stop() };
  }

  // Goal: a patch changes what was posted only, and the gateway that holds the station is told what it must know.
  it('patches and pushes', async () => {
    const identity = 'patched';
    const made = await service.ask(stationOperations.create, { identity, securityProfile: 0, tags: ['a'] });
    const { station, updates, stop } = await held(identity);
    const patch = (changes: object) => service.ask(stationOperations.update, { identity, changes });
    expect(await patch({ site: 'depot-7', tags: ['b'] })).toMatchObject({
      ...made.station,
      site: 'depot-7',
      tags: ['b'],
      connected: true,
      gateway: gatewayOne,
      protocol: 'ocpp1.6',
      connectedAt: expect.any(String),
      lastSeenAt: expect.any(String),
    });
    expect(await patch({ site: null })).toMatchObject({ site: null, tags: ['b'] });
    expect(updates).toEqual([]);
    await patch({ strict: true, heartbeatIntervalSeconds: 600 });
    await patch({ registration: 'rejected' });
    await patch({ securityProfile: 1 });
    expect(updates).toEqual([
      { station, strict: true, heartbeatIntervalSeconds: 600 },
      { station, close: { code: 1008, reason: 'security-profile-changed' } },
    ]);
    await expect(patch({ colour: 'red' })).rejects.toMatchObject({ problem: { status: 422 } });
    await stop();
  });

  // Goal: a gateway that does not answer, or a directory without an entry, fails no change.
  it('changes without a gateway', async () => {
    const identity = 'alone';
    await service.ask(stationOperations.create, { identity, securityProfile: 0 });
    await service.send(report('station.connected', connected, { station: await idOf(identity) }));
    const changed = await service.ask(stationOperations.update, { identity, changes: { strict: true } });
    expect(changed).toMatchObject({ strict: true });
    expect(await service.ask(stationOperations.delete, { identity })).toEqual({});
  });

  // Goal: watching has an end, reaches the gateway and the next session; zero ends it.
  it('watches', async () => {
    const identity = 'watched';
    await service.ask(stationOperations.create, { identity, securityProfile: 0 });
    const { station, updates, stop } = await held(identity);
    const { watchedUntil } = await service.ask(stationOperations.watch, { identity, seconds: 60 });
    const attempts = [{ identity, listener: 'plain' as const, remoteAddress: 'x' }];
    const request = { gateway: gatewayOne, attempts };
    const { results } = await service.ask(stationOperations.authenticate, request);
    expect(results).toMatchObject([{ session: { watchedUntil } }]);
    await service.ask(stationOperations.watch, { identity, seconds: 0 });
    expect(updates).toEqual([
      { station, watchedUntil },
      { station, watchedUntil: null },
    ]);
    await expect(service.ask(stationOperations.watch, { identity, seconds: 3_601 })).rejects.toMatchObject({
      problem: { status: 422 },
    });
    await stop();
  });

  // Goal: a deleted station is closed, refused, and free to be created anew; its id still gives its name.
  it('deletes', async () => {
    const identity = 'deleted';
    await service.ask(stationOperations.create, { identity, securityProfile: 0 });
    const { station, updates, stop } = await held(identity);
    await service.ask(stationOperations.delete, { identity });
    expect(updates).toEqual([{ station, close: { code: 1008, reason: 'not-registered' } }]);
    await stop();
    const attempts = [{ identity, listener: 'plain' as const, remoteAddress: 'x' }];
    const request = { gateway: gatewayOne, attempts };
    const { results } = await service.ask(stationOperations.authenticate, request);
    expect(results).toEqual([{ outcome: 'refused', reason: 'unknown-station' }]);
    await expect(service.ask(stationOperations.get, { identity })).rejects.toMatchObject({ code: 'station-unknown' });
    await expect(service.ask(stationOperations.delete, { identity })).rejects.toMatchObject({
      code: 'station-unknown',
    });
    const byId = await service.ask(stationOperations.references, { stations: [station] });
    expect(byId.items).toMatchObject([{ station, identity }]);
    await service.ask(stationOperations.create, { identity });
    expect(await idOf(identity)).not.toBe(station);
  });
});

describe('details', () => {
  // Goal: the open transaction of a connector is shown, and a silent transactions service hides nothing.
  it('shows the transaction of a connector', async () => {
    const identity = 'busy';
    await service.ask(stationOperations.create, { identity, securityProfile: 0 });
    const station = await idOf(identity);
    await service.send(report('connector.statusChanged', status('Charging'), { station, evseId: 1, connectorId: 1 }));
    const silent = await service.ask(stationOperations.connectors, { identity });
    expect(silent.items).toMatchObject([{ evseId: 1, status: 'Charging', transactionId: null }]);
    const subject = service.bus.subjects.ask(transactionOperations.openByStation.name);
    const answer = { answer: { items: [{ evseId: 1, transaction: 't1' }] } };
    const served = service.bus.serve(subject, async () => answer);
    const shown = await service.ask(stationOperations.connectors, { identity });
    expect(shown.items).toMatchObject([{ evseId: 1, transactionId: 't1' }]);
    await served.stop();
  });

  // Goal: reported variables, the later report wins, keys fold, secrets are never stored (rule A-09).
  it('A-09: keeps the reported configuration without secrets', async () => {
    const identity = 'configured';
    await service.ask(stationOperations.create, { identity, securityProfile: 0 });
    const station = await idOf(identity);
    const keep = (at: string, variables: object[], unknownKeys: string[] = []) =>
      service.bus.ask(
        stationOperations.variablesReported,
        { station, at, variables: variables as { key: string }[], unknownKeys },
        service.context(),
      );
    const [early, late] = ['2026-11-22T10:00:00.000Z', '2026-11-22T11:00:00.000Z'];
    await keep(
      late,
      [
        { key: 'HeartbeatInterval', value: '300', readonly: false },
        { key: 'AuthorizationKey', value: 'hunter2', readonly: false },
        { key: 'GetConfigurationMaxKeys', value: '10', readonly: true },
      ],
      ['Nonsense'],
    );
    await keep(early, [{ key: 'heartbeatinterval', value: '1' }]);
    await keep(late, [{ key: 'HeartbeatInterval', value: '300', readonly: false }]);
    const configuration = await service.ask(stationOperations.configuration, { identity });
    const rest = { reportedAt: late, desired: null, desiredState: null };
    expect(configuration).toEqual({
      variables: [
        { key: 'AuthorizationKey', value: '***', readonly: false, ...rest },
        { key: 'GetConfigurationMaxKeys', value: '10', readonly: true, ...rest },
        { key: 'HeartbeatInterval', value: '300', readonly: false, ...rest },
      ],
      unknownKeys: ['Nonsense'],
    });
    const { items } = await service.ask(stationOperations.references, { identities: [identity] });
    expect(items).toMatchObject([{ maxKeysPerGetVariables: 10 }]);
    const many = Array.from({ length: 5_000 }, (_, index) => ({ key: `k${index}`, value: 'v' }));
    await keep(late, many);
    const bounded = await service.ask(stationOperations.configuration, { identity });
    expect(bounded.variables.length + bounded.unknownKeys.length).toBeLessThanOrEqual(2_000);
  });

  // Goal: what was tolerated is counted with an example, also of reports that other services answer.
  it('counts deviations', async () => {
    const identity = 'deviant';
    await service.ask(stationOperations.create, { identity, securityProfile: 0 });
    const station = await idOf(identity);
    const deviations = [{ rule: 'M-18', detail: 'unknown member connectorId' }];
    await service.send(report('connector.statusChanged', status('Available'), { station, evseId: 1, deviations }));
    const notice = { station, tenant: defaultTenant, action: 'MeterValues', at: new Date().toISOString(), deviations };
    service.bus.publish(service.bus.subjects.tolerated(), notice);
    service.bus.publish(service.bus.subjects.tolerated(), notice);
    const items = await waitUntil('three are counted', async () => {
      const read = await service.ask(stationOperations.deviations, { identity });
      return read.items[0]?.count === 3 && read.items;
    });
    expect(items).toMatchObject([{ rule: 'M-18', count: 3, example: expect.stringContaining('unknown member') }]);
  });
});
