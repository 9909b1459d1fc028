import type { GatewayId } from '@busbar/domain';
import { array, assert, constantFrom, infiniteStream, integer, property, record } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { noPresence, type Presence, presenceAfter, presenceWithoutGateway, type SignOfLife } from './presence.js';

const one = 'one' as GatewayId;
const two = 'two' as GatewayId;
const at = (second: number) => new Date(Date.UTC(2026, 0, 1, 0, 0, second));

function sign(kind: SignOfLife['kind'], epoch: number, gateway = one, second = epoch): SignOfLife {
  return { kind, gateway, epoch, protocol: 'ocpp1.6', at: at(second), seenAt: at(second), reason: 'x' };
}

function after(signs: readonly SignOfLife[], start: Presence = noPresence): Presence {
  return signs.reduce((presence, next) => presenceAfter(presence, next)?.presence ?? presence, start);
}

describe('presence', () => {
  // Goal: the late close of an old socket never marks the new connection as gone (rule K-07).
  it('K-07: keeps the newer connection when the old one says goodbye late', () => {
    const presence = after([sign('connected', 1, one), sign('connected', 2, two), sign('disconnected', 1, one)]);
    expect(presence).toMatchObject({ state: 'connected', gateway: two, epoch: 2 });
  });

  // Goal: a goodbye is final; what was said before it and comes after it changes nothing.
  it('does not come back to life by a report that overtook the goodbye', () => {
    const gone = after([sign('connected', 1), sign('disconnected', 1)]);
    expect(presenceAfter(gone, sign('life', 1, one, 9))).toBeNull();
    expect(presenceAfter(gone, sign('connected', 1, one, 9))).toBeNull();
    expect(gone).toMatchObject({ state: 'disconnected', endReason: 'x' });
  });

  // Goal: a station whose gateway was thought gone is back with any sign of the same connection, and told so.
  it('revives what was only lost', () => {
    const held = after([sign('connected', 1)]);
    const lost = presenceWithoutGateway(held, one, at(5));
    expect(lost).toMatchObject({ turn: 'disconnected', presence: { state: 'lost', endReason: 'gateway-lost' } });
    const revived = lost && presenceAfter(lost.presence, sign('life', 1, one, 6));
    expect(revived).toMatchObject({ turn: 'connected', presence: { state: 'connected', endReason: null } });
    expect(revived?.presence.connectedAt).toEqual(at(1));
  });

  // Goal: only the connection of the gateway that is gone is marked, and only once.
  it('marks nothing of another gateway and nothing twice', () => {
    const held = after([sign('connected', 1, two)]);
    expect(presenceWithoutGateway(held, one, at(5))).toBeNull();
    const lost = presenceWithoutGateway(held, two, at(5));
    expect(lost && presenceWithoutGateway(lost.presence, two, at(6))).toBeNull();
  });

  // Goal: a connection whose announcement was missed is known from any report of it.
  it('takes a newer epoch from any report', () => {
    const step = presenceAfter(after([sign('connected', 1)]), sign('life', 2, two));
    expect(step).toMatchObject({ turn: 'connected', presence: { epoch: 2, gateway: two, announced: false } });
    const announced = step && presenceAfter(step.presence, sign('connected', 2, two, 1));
    expect(announced).toMatchObject({ turn: null, presence: { announced: true, connectedAt: at(1) } });
  });

  // Goal: a sign that says nothing new writes nothing.
  it('changes nothing when nothing is new', () => {
    const held = after([sign('connected', 1)]);
    expect(presenceAfter(held, sign('connected', 1))).toBeNull();
    expect(presenceAfter(held, sign('life', 1, one, 0))).toBeNull();
    expect(presenceAfter(held, sign('life', 0, one, 60))).toBeNull();
    expect(presenceAfter(held, sign('life', 1, one, 5))).toBeNull();
    expect(presenceAfter(held, sign('life', 1, one, 6))?.presence.lastSeenAt).toEqual(at(6));
  });

  // Goal: replicas that see the same signs in another order, or twice, end in the same state.
  it('ends in the same state whatever the order', () => {
    const some = record({
      kind: constantFrom<SignOfLife['kind'][]>('connected', 'disconnected', 'life'),
      epoch: constantFrom(1, 2, 3),
    });
    const outcome = (signs: readonly SignOfLife[]) => {
      const { state, epoch, lastSeenAt } = after(signs);
      return { state, epoch, lastSeenAt };
    };
    assert(
      property(array(some, { maxLength: 6 }), infiniteStream(integer({ min: 0, max: 5 })), (given, places) => {
        const signs = given.map(({ kind, epoch }) => sign(kind, epoch));
        const shuffled = [...places.take(12)].flatMap((place) => signs.slice(place, place + 1));
        expect(outcome([...shuffled, ...signs.toReversed()])).toEqual(outcome(signs));
      }),
    );
  });
});
