import { defaultTenant, type StationId } from '@busbar/domain';
import { type Report, stationOperations } from '@busbar/events';
import { sql } from '@busbar/persistence';
import { waitUntil } from '@busbar/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { booted, connected, disconnected, gatewayOne, gatewayTwo, report, status } from './build-report.js';
import { otherTenant, StationsFixture } from './fixture.js';

let service: StationsFixture;
let made = 0;

beforeAll(async () => {
  service = await StationsFixture.start();
});

afterAll(async () => {
  await service.stop();
});

/** Registers a station and gives its id. */
async function register(more: Record<string, unknown> = {}): Promise<{ identity: string; station: StationId }> {
  made += 1;
  const identity = `R-${made}`;
  await service.ask(stationOperations.create, { identity, securityProfile: 0, ...more });
  const { items } = await service.ask(stationOperations.references, { identities: [identity] });
  const [reference] = items;
  if (!reference) throw new Error('not registered');
  return { identity, station: reference.station };
}

async function factsOf(station: StationId): Promise<{ type: string; data: Record<string, unknown> }[]> {
  const rows = await service.rows<{ fact: { type: string; data: Record<string, unknown> } }>(
    sql`select fact from stations.outbox where fact ->> 'station' = ${station} order by position`,
  );
  return rows.map(({ fact }) => fact);
}

const typesOf = async (station: StationId) => (await factsOf(station)).map(({ type }) => type);

describe('boots', () => {
  // Goal: a boot is answered with what is stored, seen in the station, and told once (rules ).
  it('R-01 R-11: answers registration and heartbeat interval', async () => {
    const { identity, station } = await register({ heartbeatIntervalSeconds: 240 });
    const boot = report('station.booted', { ...booted, modem: { imsi: '' } }, { station });
    expect(await service.send(boot)).toEqual([{ answer: { status: 'accepted', intervalSeconds: 240 } }]);
    expect(await service.ask(stationOperations.get, { identity })).toMatchObject({
      connected: true,
      protocol: 'ocpp1.6',
      vendor: 'ABB',
      model: 'Terra',
      serialNumber: 'S-1',
      firmwareVersion: '1.0',
      bootedAt: '2026-11-22T10:00:00.000Z',
    });
    expect(await service.rows(sql`select imsi from stations.boot where station_id = ${station}`)).toEqual([
      { imsi: null },
    ]);
  });

  // Goal: the same report again gets the answer of the first time and tells nothing, whatever was set meanwhile.
  it('R-13: gives a repeated report the first answer', async () => {
    const { identity, station } = await register();
    const boot = report('station.booted', booted, { station });
    const first = await service.send(boot);
    await service.ask(stationOperations.update, { identity, changes: { registration: 'rejected' } });
    expect(await service.send(boot)).toEqual(first);
    expect((await typesOf(station)).filter((type) => type === 'station.booted')).toHaveLength(1);
  });

  // Goal: a new registration holds from the next boot on and not before (API.md), also in what others are told.
  it('R-04: lets a new registration hold from the next boot', async () => {
    const { identity, station } = await register();
    const registrationOf = async () =>
      (await service.ask(stationOperations.references, { stations: [station] })).items[0]?.registration;
    await service.send(report('station.booted', booted, { station }));
    await service.ask(stationOperations.update, { identity, changes: { registration: 'pending' } });
    expect(await registrationOf()).toBe('accepted');
    const [receipt] = await service.send(report('station.booted', booted, { station, seq: 2 }));
    expect(receipt).toMatchObject({ answer: { status: 'pending' } });
    expect(await registrationOf()).toBe('pending');
  });

  // Goal: a firmware change is history and in the fact (rule R-11).
  it('R-11: keeps the history of what a station says it is', async () => {
    const { station } = await register();
    await service.send(report('station.booted', booted, { station }));
    await service.send(report('station.booted', { ...booted, firmwareVersion: '2.0' }, { station, seq: 2 }));
    const change = { firmwareVersion: { from: '1.0', to: '2.0' } };
    const rows = await service.rows(sql`select changes from stations.boot_change where station_id = ${station}`);
    expect(rows).toEqual([{ changes: change }]);
    expect((await factsOf(station)).at(-1)?.data).toMatchObject({ changes: change, firmwareVersion: '2.0' });
  });

  // Goal: texts that are too long or half characters are kept as far as they go, and never fail the boot (rule R-11).
  it('R-11: takes hostile texts', async () => {
    const { station } = await register();
    const hostile = {
      vendor: 'v'.repeat(5_000),
      model: 'a\u0000b\ud800',
      serialNumber: "'; drop table stations.boot --",
    };
    const [receipt] = await service.send(report('station.booted', hostile, { station }));
    expect(receipt).toMatchObject({ answer: { status: 'accepted' } });
    const [row] = await service.rows<{ vendor: string; model: string }>(
      sql`select vendor, model from stations.boot where station_id = ${station}`,
    );
    expect(row).toEqual({ vendor: 'v'.repeat(255), model: 'a\ufffdb\ufffd' });
  });

  // Goal: 1,000 boots in one batch are one commit, each with its own answer.
  it('R-02: records a thousand boots in one commit', async () => {
    const stations = await registerMany(1_000);
    const batch = stations.map((station) => report('station.booted', booted, { station }));
    const receipts = await service.send(...batch);
    expect(receipts).toHaveLength(1_000);
    expect(receipts.every((receipt) => 'answer' in receipt)).toBe(true);
    const rows = await service.rows<{ transactions: number; boots: number }>(sql`
      select count(distinct xmin::text)::int as transactions, count(*)::int as boots
      from stations.boot where station_id = any(${stations}::text[])`);
    expect(rows).toEqual([{ transactions: 1, boots: 1_000 }]);
  });
});

async function registerMany(count: number): Promise<StationId[]> {
  const rows = await service.rows<{ id: string }>(sql`
    with made as (
      insert into stations.station (id, tenant_id, identity, security_profile, registration, heartbeat_interval_seconds,
        strict, local_list_managed, clear_cache_on_revocation, created_at, updated_at)
      select 'm' || gen_random_uuid()::text, ${defaultTenant}, 'many-' || gen_random_uuid()::text, 0, 'accepted', 300,
        false, false, false, now(), now()
      from generate_series(1, ${count}) returning id)
    select id from made`);
  const stations = rows.map((row) => row.id as StationId);
  await service.rows(sql`insert into stations.presence (station_id, tenant_id)
    select id, ${defaultTenant} from unnest(${stations}::text[]) as id`);
  return stations;
}

describe('presence', () => {
  // Goal: an old epoch never overwrites a new one, in whichever order and batch they come (DESIGN §3, K-07).
  it('K-07: ignores what an older connection says', async () => {
    const { identity, station } = await register();
    const old = { station, gateway: gatewayOne, epoch: 100 };
    const fresh = { station, gateway: gatewayTwo, epoch: 200 };
    await service.send(report('station.connected', connected, fresh));
    await service.send(report('station.connected', connected, old));
    await service.send(report('station.disconnected', disconnected, { ...old, seq: 9 }));
    const view = await service.ask(stationOperations.get, { identity });
    expect(view).toMatchObject({ connected: true, gateway: gatewayTwo });
    expect(await typesOf(station)).toEqual(['station.connected']);
    await service.send(report('station.disconnected', disconnected, { ...fresh, seq: 9 }));
    expect(await service.ask(stationOperations.get, { identity })).toMatchObject({ connected: false, gateway: null });
    expect(await typesOf(station)).toEqual(['station.connected', 'station.disconnected']);
  });

  // Goal: signs of life of many stations come in one report, each under its own epoch.
  it('H-01: takes the signs of life of many stations', async () => {
    const [one, two] = [await register(), await register()];
    await service.send(report('station.connected', connected, { station: one.station, epoch: 100 }));
    const at = '2026-11-22T11:00:00.000Z';
    const stations = [
      { station: one.station, epoch: 100, at },
      { station: two.station, epoch: 100, at },
      { station: 'nobody' as StationId, epoch: 100, at },
    ];
    const seen = report('station.seen', { stations }, { station: one.station });
    expect(await service.send(seen)).toEqual([{ answer: {} }]);
    for (const { identity } of [one, two]) {
      expect(await service.ask(stationOperations.get, { identity })).toMatchObject({ connected: true, lastSeenAt: at });
    }
  });

  // Goal: two replicas that get the same batch at the same moment record it once and answer alike.
  it('records one batch once, through two replicas at the same moment', async () => {
    await service.addReplica();
    const stations = await Promise.all(Array.from({ length: 20 }, () => register()));
    const batch = stations.flatMap(({ station }) => [
      report('station.connected', connected, { station }),
      report('station.booted', booted, { station, seq: 2 }),
      report('connector.statusChanged', status('Available'), { station, seq: 3, evseId: 1, connectorId: 1 }),
    ]);
    const [first, ...others] = await Promise.all(Array.from({ length: 8 }, () => service.send(...batch)));
    for (const other of others) expect(other).toEqual(first);
    for (const { station } of stations) {
      expect(await typesOf(station)).toEqual(['station.connected', 'station.booted', 'connector.changed']);
    }
  });
});

describe('connectors', () => {
  const at = { evseId: 1, connectorId: 1 };

  // Goal: both axes, the station itself as EVSE 0, new connectors learned, and the picture of the station (N-01..N-03).
  it('N-01 N-02 N-03: keeps the state of connectors and station', async () => {
    const { identity, station } = await register();
    const receipts = await service.send(
      report('connector.statusChanged', status('Available'), { station, seq: 1, evseId: 0, connectorId: 0 }),
      report('connector.statusChanged', status('Charging'), { station, seq: 2, ...at }),
      report('connector.statusChanged', status('Faulted', { errorCode: 'GroundFailure', info: 'x' }), {
        station,
        seq: 3,
        evseId: 7,
        connectorId: 1,
      }),
    );
    expect(receipts).toEqual([{ answer: {} }, { answer: {} }, { answer: {} }]);
    const { items } = await service.ask(stationOperations.connectors, { identity });
    expect(items).toMatchObject([
      { evseId: 0, status: 'Available', connectorState: 'Available', transactionId: null },
      { evseId: 1, status: 'Charging', connectorState: 'Occupied', chargingState: 'Charging', errorCode: 'NoError' },
      { evseId: 7, status: 'Faulted', connectorState: 'Faulted', errorCode: 'GroundFailure', info: 'x' },
    ]);
    const { evses } = await service.ask(stationOperations.get, { identity });
    expect(evses).toEqual([
      { evseId: 1, connectors: [{ connectorId: 1 }] },
      { evseId: 7, connectors: [{ connectorId: 1 }] },
    ]);
  });

  // Goal: order by receipt; earlier ones and an older connection's do not overwrite, late ones are marked (N-05).
  it('N-05: orders by receipt and marks late ones', async () => {
    const { identity, station } = await register();
    const given = { station, ...at };
    const now = '2026-11-22T10:00:00.000Z';
    const before = '2026-11-22T08:00:00.000Z';
    await service.send(report('connector.statusChanged', status('Available'), { ...given, seq: 5, occurredAt: now }));
    await service.send(report('connector.statusChanged', status('Charging'), { ...given, seq: 4, occurredAt: now }));
    await service.send(report('connector.statusChanged', status('Faulted'), { ...given, epoch: 99, seq: 9 }));
    const statusOf = async () => (await service.ask(stationOperations.connectors, { identity })).items[0]?.status;
    expect(await statusOf()).toBe('Available');
    await service.send(
      report('connector.statusChanged', status('Preparing'), { ...given, seq: 6, occurredAt: before }),
    );
    expect(await statusOf()).toBe('Preparing');
    const history = await service.rows(sql`
      select status, late from stations.connector_history where station_id = ${station} order by status`);
    expect(history).toEqual([
      { status: 'Available', late: false },
      { status: 'Charging', late: false },
      { status: 'Faulted', late: false },
      { status: 'Preparing', late: true },
    ]);
    expect(await typesOf(station)).toEqual(['station.connected', 'connector.changed', 'connector.changed']);
  });

  // Goal: an unknown word keeps the previous status, is in the history, and is answered (rules N-01, 8.2).
  it('N-01: keeps the previous status against an unknown word', async () => {
    const { identity, station } = await register();
    await service.send(report('connector.statusChanged', status('Charging'), { station, seq: 1, ...at }));
    const odd = report('connector.statusChanged', status('Zapping', { errorCode: 'OtherError', keepsState: true }), {
      station,
      seq: 2,
      ...at,
    });
    expect(await service.send(odd)).toEqual([{ answer: {} }]);
    const { items } = await service.ask(stationOperations.connectors, { identity });
    expect(items).toMatchObject([{ status: 'Charging', chargingState: 'Charging', errorCode: 'OtherError' }]);
  });
});

describe('notices', () => {
  // Goal: DataTransfer of a vendor that nobody agreed with is answered and kept (rules D-01, D-02).
  it('D-01: answers UnknownVendorId and keeps the data', async () => {
    const { station } = await register();
    const data = { vendorId: 'com.acme', messageId: 'm', data: '{"a":1}' };
    const sent = await service.send(report('vendor.dataReceived', data, { station }));
    expect(sent).toEqual([{ answer: { status: 'UnknownVendorId' } }]);
    const rows = await service.rows(
      sql`select vendor_id, data, answer from stations.vendor_data where station_id = ${station}`,
    );
    expect(rows).toEqual([{ vendor_id: 'com.acme', data: '{"a":1}', answer: 'UnknownVendorId' }]);
  });

  // Goal: a security event is one row and one fact, however often the station sends it.
  it('keeps and tells a security event once', async () => {
    const { station } = await register();
    const data = { type: 'TamperDetectionActivated', techInfo: 'door' };
    await service.send(report('security.eventReported', data, { station, seq: 1 }));
    await service.send(
      report('security.eventReported', data, { station, seq: 2 }),
      report('security.eventReported', { type: 'InvalidMessages' }, { station, seq: 3 }),
    );
    const rows = await service.rows(sql`
      select type, critical from stations.security_event where station_id = ${station} order by type desc`);
    expect(rows).toEqual([
      { type: 'TamperDetectionActivated', critical: true },
      { type: 'InvalidMessages', critical: false },
    ]);
    expect((await typesOf(station)).filter((type) => type === 'security.event')).toHaveLength(2);
  });

  // Goal: progress of updates and uploads is stored and answered; a certificate is refused for now.
  it('stores job reports', async () => {
    const { station } = await register();
    const receipts = await service.send(
      report('firmware.statusChanged', { status: 'Installed', signed: false }, { station, seq: 1 }),
      report('log.statusChanged', { status: 'Uploaded', requestId: 7, diagnostics: false }, { station, seq: 2 }),
      report('log.statusChanged', { status: 'Idle', requestId: 1e300, diagnostics: true }, { station, seq: 3 }),
      report('certificate.signingRequested', { csr: 'PEM' }, { station, seq: 4 }),
    );
    expect(receipts).toEqual([{ answer: {} }, { answer: {} }, { answer: {} }, { answer: { status: 'Rejected' } }]);
    const rows = await service.rows(sql`
      select kind, status, request_id from stations.job_report where station_id = ${station} order by kind desc`);
    expect(rows).toEqual([
      { kind: 'log', status: 'Uploaded', request_id: 7 },
      { kind: 'firmware', status: 'Installed', request_id: null },
      { kind: 'diagnostics', status: 'Idle', request_id: null },
      { kind: 'certificate', status: 'Rejected', request_id: null },
    ]);
  });
});

describe('batches', () => {
  // Goal: an empty batch is a probe of the commit path, answered with no receipts.
  it('answers a probe', async () => {
    expect(await service.send()).toEqual([]);
  });

  // Goal: without a commit there is no answer at all, and the batch that comes again is recorded once.
  it('answers nothing while it cannot commit', async () => {
    const { station } = await register();
    const boot = report('station.booted', booted, { station });
    const batch = { id: 'held', gateway: gatewayOne, reports: [boot] };
    const subject = service.bus.subjects.reports('stations');
    await service.database.transaction(async (tx) => {
      await tx.query(sql`select from stations.presence where station_id = ${station} for update`);
      const held = service.bus.request(subject, batch, { timeoutMs: 300 });
      await expect(held).rejects.toMatchObject({ code: 'timeout' });
    });
    expect(await service.send(boot)).toEqual([{ answer: { status: 'accepted', intervalSeconds: 300 } }]);
    expect((await typesOf(station)).filter((type) => type === 'station.booted')).toHaveLength(1);
  });

  // Goal: one report that Postgres refuses loses nobody else's, is kept byte for byte and is still answered.
  it('puts the one bad report of a batch aside and answers all', async () => {
    const stations = await Promise.all([register(), register(), register()]);
    const batch: Report[] = stations.map(({ station }, index) =>
      // A connector number beyond the column's range is SQLSTATE 22003.
      report('connector.statusChanged', status('Charging'), {
        station,
        evseId: index === 1 ? 2 ** 40 : 1,
        connectorId: 1,
      }),
    );
    expect(await service.send(...batch)).toEqual([{ answer: {} }, { answer: {} }, { answer: {} }]);
    const kept = await service.rows<{ station_id: string }>(sql`
      select station_id from stations.connector where station_id = any(${stations.map((s) => s.station)}::text[])`);
    expect(kept.map((row) => row.station_id).sort()).toEqual([stations[0]?.station, stations[2]?.station].sort());
    const [row] = await service.rows<{ report: Buffer; sql_state: string }>(sql`
      select report, sql_state from stations.quarantine where id = ${batch[1]?.id ?? ''}`);
    expect(row?.sql_state).toMatch(/^22/);
    expect(JSON.parse(row?.report.toString() ?? '')).toEqual(batch[1]);
  });

  // Goal: a station of another tenant, or one that is deleted, is told nothing and its socket is to be closed.
  it('tells strangers nothing', async () => {
    const { identity, station } = await register();
    const foreign = report('station.booted', booted, { station, tenant: otherTenant });
    expect(await service.send(foreign)).toEqual([{ refused: 'SecurityError' }]);
    const closed: object[] = [];
    const subject = service.bus.subjects.gatewaySession(gatewayOne);
    const served = service.bus.serve(subject, async (update: object) => {
      closed.push(update);
      return {};
    });
    await service.bus.connection.flush();
    await service.ask(stationOperations.delete, { identity });
    expect(await service.send(report('station.booted', booted, { station }))).toEqual([{ refused: 'SecurityError' }]);
    expect(await service.send(report('station.disconnected', disconnected, { station }))).toEqual([{ answer: {} }]);
    await waitUntil('its socket is to be closed', () => closed.length > 0);
    await served.stop();
    expect(closed).toEqual([{ station, close: { code: 1008, reason: 'not-registered' } }]);
    expect(await service.rows(sql`select from stations.boot where station_id = ${station}`)).toEqual([]);
  });
});
