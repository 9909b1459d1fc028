import type { GatewayId } from '@busbar/domain';
import { describe, expect, it } from 'vitest';
import { type GatewayLook, LostGateways } from './lost-gateways.js';

const gateway = 'one' as GatewayId;
const look = (leaseAlive: boolean, ping: GatewayLook['ping'] = null): GatewayLook[] => [{ gateway, leaseAlive, ping }];

describe('lost gateways', () => {
  // Goal: a Redis that was restarted has forgotten every lease; one look must not mark everybody gone.
  it('believes no single look', () => {
    const lost = new LostGateways(2_000);
    expect(lost.judge(look(false), 0)).toEqual([]);
    expect(lost.judge(look(true), 1_000)).toEqual([]);
    expect(lost.judge(look(false), 2_000)).toEqual([]);
  });

  // Goal: a killed gateway is gone with the second look, because nobody listens under its id.
  it('believes the second look when nobody listens', () => {
    const lost = new LostGateways(2_000);
    expect(lost.suspected(gateway)).toBe(false);
    expect(lost.judge(look(false), 0)).toEqual([]);
    expect(lost.suspected(gateway)).toBe(true);
    expect(lost.judge(look(false, 'nobody'), 1_000)).toEqual([gateway]);
  });

  // Goal: a frozen process still has its subscription; it is gone after some patience.
  it('waits for a silent one', () => {
    const lost = new LostGateways(2_000);
    lost.judge(look(false), 0);
    expect(lost.judge(look(false, 'silent'), 1_000)).toEqual([]);
    expect(lost.judge(look(false, 'silent'), 2_000)).toEqual([gateway]);
  });

  // Goal: a gateway that answers is alive, whatever Redis has forgotten.
  it('never gives up one that answers', () => {
    const lost = new LostGateways(2_000);
    for (let ms = 0; ms < 60_000; ms += 1_000) {
      expect(lost.judge(look(false, lost.suspected(gateway) ? 'answered' : null), ms)).toEqual([]);
    }
  });

  // Goal: after a look that failed the suspicion starts anew, and gateways that nobody names are forgotten.
  it('starts anew', () => {
    const lost = new LostGateways(2_000);
    lost.judge(look(false), 0);
    lost.reset();
    expect(lost.judge(look(false, 'nobody'), 1_000)).toEqual([]);
    lost.judge([], 2_000);
    expect(lost.suspected(gateway)).toBe(false);
  });
});
