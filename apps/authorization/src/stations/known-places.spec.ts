import { defaultTenant, type StationId, type TenantId } from '@busbar/domain';
import { FakeClock, testLogger } from '@busbar/testing';
import { describe, expect, it } from 'vitest';
import { KnownPlaces } from './known-places.js';

const one = { tenant: defaultTenant, station: 'one' as StationId };
const reference = {
  station: one.station,
  identity: 'CP-1',
  registration: 'accepted',
  protocol: null,
  site: 'depot',
  maxKeysPerGetVariables: null,
} as const;

function places(answer: () => (typeof reference)[]) {
  const asked: [TenantId, StationId[]][] = [];
  const clock = new FakeClock();
  const ask = async (tenant: TenantId, stations: StationId[]) => {
    asked.push([tenant, stations]);
    return answer();
  };
  return { asked, clock, places: new KnownPlaces(ask, clock, testLogger().logger) };
}

describe('known places', () => {
  // Goal: one question per station and half minute; a station that nobody knows is a known answer too.
  it('asks once and again when it is old', async () => {
    const given = places(() => [reference]);
    const two = { tenant: defaultTenant, station: 'two' as StationId };
    const expected = new Map([
      [one.station, { identity: 'CP-1', site: 'depot' }],
      [two.station, { identity: null, site: null }],
    ]);
    expect(await given.places.find([one, two, one])).toEqual(expected);
    expect(await given.places.find([one, two])).toEqual(expected);
    expect(given.asked).toEqual([[defaultTenant, [one.station, two.station]]]);
    given.clock.advance(30_000);
    await given.places.find([one]);
    expect(given.asked).toHaveLength(2);
  });

  // Goal: a silent service is left alone for a while, and what was known serves on.
  it('goes on with what it knows', async () => {
    let silent = true;
    const given = places(() => {
      if (silent) throw new Error('silent');
      return [reference];
    });
    expect(await given.places.find([one])).toEqual(new Map());
    expect(await given.places.find([one])).toEqual(new Map());
    expect(given.asked).toHaveLength(1);
    silent = false;
    given.clock.advance(2_000);
    expect((await given.places.find([one])).size).toBe(1);
    silent = true;
    given.clock.advance(60_000);
    expect((await given.places.find([one])).size).toBe(1);
  });
});
