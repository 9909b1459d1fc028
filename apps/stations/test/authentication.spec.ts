import type { StationId } from '@busbar/domain';
import { type ConnectAttempt, type ConnectResult, stationOperations } from '@busbar/events';
import { sql } from '@busbar/persistence';
import { waitUntil } from '@busbar/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { report, status } from './build-report.js';
import { StationsFixture } from './fixture.js';

let service: StationsFixture;

beforeAll(async () => {
  service = await StationsFixture.start({ background: true });
});

afterAll(async () => {
  await service.stop();
});

function attempt(identity: string, password?: Buffer | string, more: Partial<ConnectAttempt> = {}): ConnectAttempt {
  const header = password && Buffer.concat([Buffer.from(`${identity}:`), Buffer.from(password)]).toString('base64');
  return { identity, listener: 'plain', remoteAddress: '10.0.0.7', ...(header ? { basic: header } : {}), ...more };
}

async function authenticate(...attempts: ConnectAttempt[]): Promise<ConnectResult[]> {
  const request = { gateway: 'gateway' as never, attempts };
  return (await service.ask(stationOperations.authenticate, request)).results;
}

const outcomeOf = async (one: ConnectAttempt) => {
  const [result] = await authenticate(one);
  return result?.outcome === 'refused' ? result.reason : result?.outcome;
};

let made = 0;
async function register(more: Record<string, unknown> = {}) {
  made += 1;
  const identity = `A-${made}`;
  const { key } = await service.ask(stationOperations.create, { identity, ...more });
  return { identity, key: Buffer.from(key ?? '', 'hex') };
}

describe('authentication', () => {
  // Goal: a generated key works as bytes and as hex text, and which one it was is noted (rules ).
  it('A-05: takes both forms of a generated key', async () => {
    const { identity, key } = await register();
    expect(key).toHaveLength(20);
    const [result] = await authenticate(attempt(identity, key));
    expect(result).toMatchObject({
      outcome: 'accepted',
      session: { identity, registration: 'accepted', everAccepted: false, securityProfile: 1, watchedUntil: null },
    });
    const formOf = async () => {
      const rows = await service.rows<{ form: string }>(sql`
        select k.form from stations.station_key k join stations.station s on s.id = k.station_id
        where s.identity = ${identity}`);
      return rows[0]?.form;
    };
    expect(await formOf()).toBe('bytes');
    expect(await outcomeOf(attempt(identity, key.toString('hex').toUpperCase()))).toBe('accepted');
    expect(await formOf()).toBe('hex');
  });

  // Goal: a key with a colon and a NUL byte is split at the first colon and compared as bytes (rule A-04).
  it('A-04: takes a key with a colon and a NUL byte', async () => {
    const hex = '3a003a00ff3a0000000000000000000000003a00';
    const { identity } = await register({ key: { hex } });
    expect(await outcomeOf(attempt(identity, Buffer.from(hex, 'hex')))).toBe('accepted');
    expect(await outcomeOf(attempt(identity, Buffer.from(hex.slice(2), 'hex')))).toBe('wrong-key');
  });

  // Goal: a text key works as it was posted (rule A-05).
  it('A-05: takes a text key', async () => {
    const text = 'correct horse: battery';
    const { identity } = await register({ key: { text } });
    expect(await outcomeOf(attempt(identity, text))).toBe('accepted');
    expect(await outcomeOf(attempt(identity, Buffer.from(text).toString('hex')))).toBe('accepted');
    expect(await outcomeOf(attempt(identity, 'correct horse: batterz'))).toBe('wrong-key');
  });

  // Goal: unknown station and wrong key have the same form of answer; the reason is ours only (DESIGN §12).
  it('T-09: refuses unknown station, wrong key, no key and wrong user name alike', async () => {
    const { identity, key } = await register();
    const wrongUser = { ...attempt('other', key), identity };
    const results = await authenticate(
      attempt('nobody', key),
      attempt(identity, 'wrong'),
      attempt(identity),
      wrongUser,
      attempt(identity, key),
    );
    expect(results).toMatchObject([
      { outcome: 'refused', reason: 'unknown-station' },
      { outcome: 'refused', reason: 'wrong-key' },
      { outcome: 'refused', reason: 'wrong-key' },
      { outcome: 'refused', reason: 'user-name' },
      { outcome: 'accepted' },
    ]);
    for (const refused of results.slice(0, 4)) expect(Object.keys(refused)).toEqual(['outcome', 'reason']);
  });

  // Goal: each profile connects on its listener and in its way only (rule A-01).
  it('A-01: holds a station to its security profile', async () => {
    const open = await register({ securityProfile: 0 });
    const basic = await register({ securityProfile: 1 });
    const tls = await register({ securityProfile: 2 });
    const certificate = await register({ securityProfile: 3 });
    expect(open.key).toHaveLength(0);
    expect(await outcomeOf(attempt(open.identity))).toBe('accepted');
    expect(await outcomeOf(attempt(open.identity, undefined, { listener: 'tls' }))).toBe('security-profile');
    expect(await outcomeOf(attempt(basic.identity, basic.key, { listener: 'tls' }))).toBe('security-profile');
    expect(await outcomeOf(attempt(tls.identity, tls.key))).toBe('security-profile');
    expect(await outcomeOf(attempt(tls.identity, tls.key, { listener: 'tls' }))).toBe('accepted');
    expect(await outcomeOf(attempt(certificate.identity))).toBe('security-profile');
    expect(await outcomeOf(attempt(certificate.identity, undefined, { listener: 'tls' }))).toBe('wrong-key');
    const bad = { listener: 'tls', clientCertificate: 'no certificate' } as const;
    expect(await outcomeOf(attempt(certificate.identity, undefined, bad))).toBe('wrong-key');
  });

  // Goal: identities of every kind work when registered and are refused when not; none breaks the batch (T-03, DESIGN §12).
  it('T-03: takes hostile identities as what they are', async () => {
    const hostile = [
      'a.b',
      '*',
      '>',
      "'; drop table stations.station; --",
      'a"b',
      'a/b',
      'a%2Fb',
      '../x',
      'ü',
      '\u202e',
    ];
    const never = ['a\u0000b', '\ud800', 'x'.repeat(5_000), ''];
    const refused = await authenticate(...[...hostile, ...never].map((identity) => attempt(identity)));
    expect(refused.map((result) => result.outcome === 'refused' && result.reason)).toEqual(
      Array.from({ length: hostile.length + never.length }, () => 'unknown-station'),
    );
    for (const identity of hostile) await service.ask(stationOperations.create, { identity, securityProfile: 0 });
    const taken = await authenticate(...hostile.map((identity) => attempt(identity)));
    expect(taken.map((result) => result.outcome === 'accepted' && result.session.identity)).toEqual(hostile);
    for (const identity of hostile) {
      expect(await service.ask(stationOperations.get, { identity })).toMatchObject({ identity });
    }
    for (const identity of never) {
      await expect(service.ask(stationOperations.get, { identity })).rejects.toMatchObject({ code: 'station-unknown' });
    }
  });

  // Goal: during a change both keys work until the new one is used, and the old one for 15 minutes at most.
  it('A-07: ends the old key with the first use of the new one, or with its time', async () => {
    const [one, two] = [await register(), await register()];
    const [newOne, newTwo] = [await register(), await register()];
    // The new key of one station is taken from another, and the old one is given its end, as a change of key does.
    const change = async (to: string, from: string, expiresAt: Date) => {
      await service.rows(sql`update stations.station_key set expires_at = ${expiresAt}
        where station_id = (select id from stations.station where identity = ${to})`);
      await service.rows(sql`update stations.station_key
        set station_id = (select id from stations.station where identity = ${to})
        where station_id = (select id from stations.station where identity = ${from})`);
    };
    const later = new Date(Date.now() + 60_000);
    await change(one.identity, newOne.identity, later);
    expect(await outcomeOf(attempt(one.identity, one.key))).toBe('accepted');
    expect(await outcomeOf(attempt(one.identity, one.key))).toBe('accepted');
    expect(await outcomeOf(attempt(one.identity, newOne.key))).toBe('accepted');
    expect(await outcomeOf(attempt(one.identity, one.key))).toBe('wrong-key');

    await change(two.identity, newTwo.identity, new Date(Date.now() - 1));
    expect(await outcomeOf(attempt(two.identity, two.key))).toBe('wrong-key');
    expect(await outcomeOf(attempt(two.identity, newTwo.key))).toBe('accepted');
  });

  // Goal: a refused attempt is a row and a fact; the raw identity is in neither, nor in a log line.
  it('tells of refusals once, escaped', async () => {
    const identity = 'raw\u202e\nidentity-that-nobody-knows';
    const shown = 'raw\\u{202e}\\u{a}identity-that-nobody-knows';
    const told = () =>
      service.rows<{ fact: object }>(sql`
        select fact from stations.outbox where fact ->> 'type' = 'station.refused'
          and fact -> 'data' ->> 'identity' = ${shown}`);
    let attempts = 0;
    const another = async () => {
      await authenticate(attempt(identity));
      attempts += 1;
    };
    // Other tests of this second may have used up what is told in it, so it may take a few attempts.
    await waitUntil('the refusal is told', async () => {
      await another();
      return (await told()).length > 0;
    });
    await another();
    await waitUntil('all attempts are counted', async () => {
      const [row] = await service.rows<{ count: number }>(sql`
        select count from stations.refusal where identity_shown = ${shown}`);
      return row?.count === attempts;
    });
    const facts = await told();
    expect(facts).toHaveLength(1);
    expect(facts[0]?.fact).toMatchObject({ data: { reason: 'unknown-station', listener: 'plain' } });
    expect(JSON.stringify(facts) + service.log.lines.join('\n')).not.toContain('\u202e');
  });

  // Goal: once a boot was accepted the session says so, for every later connect (rule R-04).
  it('R-04: remembers that a boot was accepted', async () => {
    const { identity } = await register({ securityProfile: 0, heartbeatIntervalSeconds: 60 });
    const sessionOf = async () => {
      const [result] = await authenticate(attempt(identity));
      if (result?.outcome !== 'accepted') throw new Error('refused');
      return result.session;
    };
    const { station } = await sessionOf();
    await service.send(report('station.booted', { vendor: 'v', model: 'm' }, { station }));
    await service.ask(stationOperations.update, { identity, changes: { heartbeatIntervalSeconds: 30 } });
    // The station still beats at the interval that it was told.
    expect(await sessionOf()).toMatchObject({ everAccepted: true, heartbeatIntervalSeconds: 60 });
  });

  // Goal: 1,000 stations in one batch are one query and a matter of milliseconds each.
  it('lets a storm in', async () => {
    const batch: ConnectAttempt[] = [];
    for (let turn = 0; turn < 100; turn += 1) {
      const { identity, key } = await register();
      for (let again = 0; again < 10; again += 1) batch.push(attempt(identity, key));
    }
    const results = await authenticate(...batch);
    expect(results.every((result) => result.outcome === 'accepted')).toBe(true);
  });
});

describe('unknown stations', () => {
  for (const policy of ['pending', 'accept'] as const) {
    // Goal: the row is made at the first connect, on the plain listener only, and listed (DESIGN §12).
    it(`are registered as ${policy}`, async () => {
      const env = { BUSBAR_UNKNOWN_STATIONS: policy, BUSBAR_UNKNOWN_STATIONS_MAX: '3' };
      const other = await StationsFixture.start({ env });
      try {
        const ask = async (...attempts: ConnectAttempt[]) =>
          (await other.ask(stationOperations.authenticate, { gateway: 'gateway' as never, attempts })).results;
        const [plain, tls] = await ask(attempt('new-1'), attempt('new-2', undefined, { listener: 'tls' }));
        const registration = policy === 'accept' ? 'accepted' : 'pending';
        expect(plain).toMatchObject({ outcome: 'accepted', session: { registration, securityProfile: 0 } });
        expect(tls).toEqual({ outcome: 'refused', reason: 'unknown-station' });
        // Twice in a batch and on two replicas at once: one row.
        await other.addReplica({ env });
        const same = await Promise.all(Array.from({ length: 4 }, () => ask(attempt('new-3'), attempt('new-3'))));
        const ids = same.flat().map((result) => result.outcome === 'accepted' && result.session.station);
        expect(new Set(ids).size).toBe(1);
        const { items } = await other.ask(stationOperations.list, { limit: 10 });
        expect(items.map(({ identity }) => identity).sort()).toEqual(['new-1', 'new-3']);
        // What an operator deleted does not come back by itself, and the number is bounded.
        await other.ask(stationOperations.delete, { identity: 'new-1' });
        expect(await ask(attempt('new-1'))).toMatchObject([{ outcome: 'refused' }]);
        const many = await ask(attempt('new-5'), attempt('new-6'), attempt('new-7'));
        expect(many.filter((result) => result.outcome === 'accepted')).toHaveLength(2);
        const station = ids[0] as StationId;
        const answers = await other.send(report('connector.statusChanged', status('Available'), { station }));
        expect(answers).toEqual([{ answer: {} }]);
      } finally {
        await other.stop();
      }
    });
  }
});
