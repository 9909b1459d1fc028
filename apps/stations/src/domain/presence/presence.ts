import type { GatewayId } from '@busbar/domain';

/** `lost`: its gateway is gone, nobody closed the connection. */
export type PresenceState = 'connected' | 'disconnected' | 'lost';

/** What is known of a station's latest connection. */
export interface Presence {
  state: PresenceState;
  gateway: GatewayId | null;
  /** Of the latest connection; 0 before the first. */
  epoch: number;
  /** False while the connection is only known from other reports of it. */
  announced: boolean;
  protocol: string | null;
  connectedAt: Date | null;
  lastSeenAt: Date | null;
  endedAt: Date | null;
  endReason: string | null;
}

/** One thing that a gateway said about a connection. */
export interface SignOfLife {
  kind: 'connected' | 'disconnected' | 'life';
  gateway: GatewayId;
  epoch: number;
  /** Null when it says nothing about it. */
  protocol: string | null;
  /** When the connection began or ended, by the gateway's clock. */
  at: Date;
  /** When the gateway last heard the station. */
  seenAt: Date;
  reason?: string;
}

export interface PresenceStep {
  presence: Presence;
  /** What others are told; null when nothing turned. */
  turn: 'connected' | 'disconnected' | null;
}

export const noPresence: Presence = {
  state: 'disconnected',
  gateway: null,
  epoch: 0,
  announced: false,
  protocol: null,
  connectedAt: null,
  lastSeenAt: null,
  endedAt: null,
  endReason: null,
};

/** Gateways report life every ten seconds; a row is not written for less than half of that. */
const seenStepMs = 5_000;

/**
 * What the presence is after a sign. Signs may come in any order and any number of times and the same state
 * results: a later epoch always wins, within an epoch the gateway's own goodbye is final, and `lost`, which is only
 * our guess, gives way to any sign of the same connection. Null when the sign changes nothing.
 */
export function presenceAfter(presence: Presence, sign: SignOfLife): PresenceStep | null {
  if (sign.epoch < presence.epoch) return null;
  if (sign.epoch > presence.epoch) return newConnection(presence, sign);
  if (sign.kind === 'disconnected') return goodbye(presence, sign);
  if (presence.state === 'disconnected') return null;
  return furtherLife(presence, sign);
}

/** A connection whose gateway is gone. Null when it has already ended, or is another one by now. */
export function presenceWithoutGateway(presence: Presence, gateway: GatewayId, at: Date): PresenceStep | null {
  if (presence.state !== 'connected' || presence.gateway !== gateway) return null;
  return { presence: { ...presence, state: 'lost', endedAt: at, endReason: 'gateway-lost' }, turn: 'disconnected' };
}

function newConnection(presence: Presence, sign: SignOfLife): PresenceStep {
  const ended = sign.kind === 'disconnected';
  const next: Presence = {
    state: ended ? 'disconnected' : 'connected',
    gateway: sign.gateway,
    epoch: sign.epoch,
    announced: sign.kind === 'connected',
    protocol: sign.protocol ?? presence.protocol,
    connectedAt: sign.at,
    lastSeenAt: later(presence.lastSeenAt, sign.seenAt),
    endedAt: ended ? sign.at : null,
    endReason: ended ? (sign.reason ?? null) : null,
  };
  // A connection that began and ended unseen is no news, unless an older one was thought to live until now.
  if (ended) return { presence: next, turn: presence.state === 'connected' ? 'disconnected' : null };
  return { presence: next, turn: 'connected' };
}

function goodbye(presence: Presence, sign: SignOfLife): PresenceStep | null {
  if (presence.state === 'disconnected') return null;
  return {
    presence: { ...presence, state: 'disconnected', endedAt: sign.at, endReason: sign.reason ?? null },
    turn: presence.state === 'connected' ? 'disconnected' : null,
  };
}

function furtherLife(presence: Presence, sign: SignOfLife): PresenceStep | null {
  const revived = presence.state === 'lost';
  const announces = sign.kind === 'connected' && !presence.announced;
  const lastSeenAt = later(presence.lastSeenAt, sign.seenAt);
  const seenLaterMs = lastSeenAt.getTime() - (presence.lastSeenAt?.getTime() ?? Number.NEGATIVE_INFINITY);
  if (!revived && !announces && seenLaterMs < seenStepMs) return null;
  return {
    presence: {
      ...presence,
      state: 'connected',
      announced: presence.announced || announces,
      protocol: (announces ? sign.protocol : null) ?? presence.protocol ?? sign.protocol,
      connectedAt: announces ? earlier(presence.connectedAt, sign.at) : presence.connectedAt,
      lastSeenAt,
      endedAt: null,
      endReason: null,
    },
    turn: revived ? 'connected' : null,
  };
}

function later(left: Date | null, right: Date): Date {
  return left !== null && left > right ? left : right;
}

function earlier(left: Date | null, right: Date): Date {
  return left !== null && left < right ? left : right;
}
