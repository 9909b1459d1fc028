import type { GatewayId, StationId } from '@busbar/domain';
import { describe, expect, it } from 'vitest';
import type { Directory } from '../src/index.js';

/** One installation's directory, as two gateways see it. */
export interface Fixture {
  one: Directory;
  two: Directory;
  /** Lets a lease that is not renewed run out. */
  expireLeases(gateway: GatewayId): Promise<void>;
}

const stationA = '0000000000000000000000000a' as StationId;
const stationB = '0000000000000000000000000b' as StationId;
const gatewayOne = '00000000000000000000000g01' as GatewayId;
const gatewayTwo = '00000000000000000000000g02' as GatewayId;
/** Far ahead of any clock, so that a test decides the epochs. 2100 in microseconds. */
const future = 4_102_444_800_000_007;

/** What every directory promises, whatever it is made of. `prepare` gives an empty one for each test. */
export function directoryContract(name: string, prepare: () => Promise<Fixture>): void {
  describe(`${name}: claims`, () => {
    // A first claim has no one before it, and its epoch is the present in microseconds.
    it('starts from the clock', async () => {
      const { one } = await prepare();
      const before = Date.now() * 1_000;
      const { epoch, previous } = await one.claim(stationA, gatewayOne, 1);
      expect(previous).toBeNull();
      expect(epoch).toBeGreaterThanOrEqual(before - 60_000_000);
      expect(epoch).toBeLessThan(before + 60_000_000);
    });

    // The newcomer learns who stood there, with an epoch that is right to the last digit.
    it('returns the previous owner and rises by one where the clock does not', async () => {
      const { one, two } = await prepare();
      await one.announce([{ station: stationA, epoch: future }], gatewayOne);
      expect(await two.claim(stationA, gatewayTwo, 1)).toEqual({
        epoch: future + 1,
        previous: { gateway: gatewayOne, epoch: future },
      });
      expect(await two.claim(stationA, gatewayTwo, 1)).toEqual({
        epoch: future + 2,
        previous: { gateway: gatewayTwo, epoch: future + 1 },
      });
    });

    // A gateway that has seen a higher epoch elsewhere gets one above it.
    it('is never below what the caller asks for', async () => {
      const { one } = await prepare();
      expect(await one.claim(stationA, gatewayOne, future)).toEqual({ epoch: future, previous: null });
      expect((await one.claim(stationA, gatewayOne, future)).epoch).toBe(future + 1);
    });

    // Claims of one station from two sides at once get different epochs, each named as previous by the next.
    it('orders rivals', async () => {
      const { one, two } = await prepare();
      const claims = await Promise.all(
        Array.from({ length: 50 }, (_, index) =>
          index % 2 === 0 ? one.claim(stationA, gatewayOne, 1) : two.claim(stationA, gatewayTwo, 1),
        ),
      );
      const epochs = claims.map(({ epoch }) => epoch).sort((left, right) => left - right);
      expect(new Set(epochs).size).toBe(50);
      const previous = claims.map((claim) => claim.previous?.epoch).filter((epoch) => epoch !== undefined);
      expect(previous.sort((left, right) => left - right)).toEqual(epochs.slice(0, -1));
    });

    // Epochs keep rising over a release, or services would take the next connection's state for old.
    it('rises above an epoch that was released', async () => {
      const { one, two } = await prepare();
      const { epoch } = await one.claim(stationA, gatewayOne, future);
      expect(await one.release(stationA, gatewayOne, epoch)).toBe(true);
      expect(await two.claim(stationA, gatewayTwo, 1)).toEqual({ epoch: future + 1, previous: null });
    });
  });

  describe(`${name}: release`, () => {
    // The late close of an old socket must change nothing.
    it('leaves a newer owner alone', async () => {
      const { one, two } = await prepare();
      await two.renewLease(gatewayTwo);
      const old = await one.claim(stationA, gatewayOne, future);
      const now = await two.claim(stationA, gatewayTwo, 1);
      expect(await one.release(stationA, gatewayOne, old.epoch)).toBe(false);
      expect(await one.ownerOf(stationA)).toEqual({ gateway: gatewayTwo, epoch: now.epoch });
    });

    // One digit beside the epoch, or another gateway's name on it, is another connection.
    it('compares gateway and epoch exactly', async () => {
      const { one } = await prepare();
      await one.renewLease(gatewayOne);
      const { epoch } = await one.claim(stationA, gatewayOne, future);
      expect(await one.release(stationA, gatewayOne, epoch - 1)).toBe(false);
      expect(await one.release(stationA, gatewayOne, epoch + 1)).toBe(false);
      expect(await one.release(stationA, gatewayTwo, epoch)).toBe(false);
      expect(await one.ownerOf(stationA)).toEqual({ gateway: gatewayOne, epoch });
      expect(await one.release(stationA, gatewayOne, epoch)).toBe(true);
      expect(await one.release(stationA, gatewayOne, epoch)).toBe(false);
      expect(await one.ownerOf(stationA)).toBeNull();
    });
  });

  describe(`${name}: leases`, () => {
    // A session is valid while its gateway's lease is, and becomes so again with the lease.
    it('hides the stations of a gateway without a lease', async () => {
      const { one, two, expireLeases } = await prepare();
      const { epoch } = await one.claim(stationA, gatewayOne, 1);
      expect(await two.ownerOf(stationA)).toBeNull();
      await one.renewLease(gatewayOne);
      expect(await two.ownerOf(stationA)).toEqual({ gateway: gatewayOne, epoch });
      await expireLeases(gatewayOne);
      expect(await two.ownerOf(stationA)).toBeNull();
      await one.renewLease(gatewayOne);
      await one.endLease(gatewayOne);
      expect(await two.ownerOf(stationA)).toBeNull();
    });

    it('tells which gateways live', async () => {
      const { one, two, expireLeases } = await prepare();
      expect(await one.livingGateways([])).toEqual(new Set());
      await one.renewLease(gatewayOne);
      await expireLeases(gatewayOne);
      await two.renewLease(gatewayTwo);
      expect(await one.livingGateways([gatewayOne, gatewayTwo])).toEqual(new Set([gatewayTwo]));
    });
  });

  describe(`${name}: announcements`, () => {
    // A directory that lost everything is whole again after the gateways announced.
    it('writes what is missing and what is older', async () => {
      const { one, two } = await prepare();
      await one.renewLease(gatewayOne);
      await two.announce([{ station: stationB, epoch: future - 1 }], gatewayTwo);
      const held = [
        { station: stationA, epoch: future },
        { station: stationB, epoch: future },
      ];
      expect(await one.announce(held, gatewayOne)).toEqual([]);
      expect(await one.announce(held, gatewayOne)).toEqual([]);
      expect(await one.ownerOf(stationA)).toEqual({ gateway: gatewayOne, epoch: future });
      expect(await one.ownerOf(stationB)).toEqual({ gateway: gatewayOne, epoch: future });
    });

    // A gateway that comes back late must not take a station from its new owner, and is told who that is.
    it('never lowers an epoch', async () => {
      const { one, two } = await prepare();
      await two.renewLease(gatewayTwo);
      await two.claim(stationA, gatewayTwo, future);
      const stale = { station: stationA, epoch: future - 1 };
      expect(await one.announce([stale], gatewayOne)).toEqual([
        { ...stale, by: { gateway: gatewayTwo, epoch: future } },
      ]);
      expect(await one.ownerOf(stationA)).toEqual({ gateway: gatewayTwo, epoch: future });
    });

    // Also not its own: the snapshot that is announced may be older than the newest claim.
    it('never lowers an epoch of the same gateway', async () => {
      const { one } = await prepare();
      await one.renewLease(gatewayOne);
      await one.claim(stationA, gatewayOne, future);
      const stale = { station: stationA, epoch: future - 1 };
      expect(await one.announce([stale], gatewayOne)).toEqual([
        { ...stale, by: { gateway: gatewayOne, epoch: future } },
      ]);
      expect(await one.ownerOf(stationA)).toEqual({ gateway: gatewayOne, epoch: future });
    });

    // An announcement that a release overtook must not bring the connection back.
    it('does not revive what was released', async () => {
      const { one } = await prepare();
      await one.renewLease(gatewayOne);
      const { epoch } = await one.claim(stationA, gatewayOne, future);
      await one.release(stationA, gatewayOne, epoch);
      expect(await one.announce([{ station: stationA, epoch }], gatewayOne)).toEqual([
        { station: stationA, epoch, by: null },
      ]);
      expect(await one.ownerOf(stationA)).toBeNull();
    });

    // Two gateways with one epoch settle on the same owner in either order.
    it('settles a tie', async () => {
      const { one, two } = await prepare();
      await two.renewLease(gatewayTwo);
      await one.announce([{ station: stationA, epoch: future }], gatewayOne);
      expect(await two.announce([{ station: stationA, epoch: future }], gatewayTwo)).toEqual([]);
      expect(await one.announce([{ station: stationA, epoch: future }], gatewayOne)).toEqual([
        { station: stationA, epoch: future, by: { gateway: gatewayTwo, epoch: future } },
      ]);
      expect(await one.ownerOf(stationA)).toEqual({ gateway: gatewayTwo, epoch: future });
    });

    // More than fit in one pipeline.
    it('takes thousands at once', async () => {
      const { one } = await prepare();
      const held = Array.from({ length: 1_201 }, (_, index) => ({
        station: String(index).padStart(26, '0') as StationId,
        epoch: future + index,
      }));
      expect(await one.announce(held, gatewayOne)).toEqual([]);
      const lower = held.map(({ station, epoch }) => ({ station, epoch: epoch - 1 }));
      expect(await one.announce(lower, gatewayOne)).toHaveLength(1_201);
    });
  });
}
