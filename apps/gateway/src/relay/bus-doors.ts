import type { GatewayId } from '@busbar/domain';
import type {
  CallReply,
  CallRequest,
  ClaimAnnouncement,
  FenceReply,
  FenceRequest,
  SessionUpdate,
  WhoHoldsReply,
  WhoHoldsRequest,
} from '@busbar/events';
import type { Bus, Served } from '@busbar/messaging';
import type { Logger } from '@busbar/observability';
import type { Connections } from '../connection/connections.js';
import type { OurCalls } from '../connection/our-calls.js';
import type { Claims } from '../ownership/claims.js';
import type { SessionUpdates } from './session-updates.js';

/** CALLs that wait for their stations at once; more than a gateway has stations. */
const callsMax = 100_000;

export interface BusDoorParts {
  readonly gateway: GatewayId;
  readonly bus: Bus;
  readonly connections: Connections;
  readonly ourCalls: OurCalls;
  readonly claims: Claims;
  readonly sessions: SessionUpdates;
  readonly logger: Logger;
}

/** What others may ask of this gateway over the bus. */
export class BusDoors {
  readonly #calls: Served;
  readonly #others: { stop(): unknown }[];

  constructor(parts: BusDoorParts) {
    const { gateway, bus, ourCalls, claims, sessions } = parts;
    const { subjects } = bus;
    this.#calls = bus.serve<CallRequest>(
      subjects.gatewayCall(gateway),
      (request): Promise<CallReply> => ourCalls.request(request),
      { concurrencyMax: callsMax },
    );
    this.#others = [
      bus.serve<FenceRequest>(
        subjects.gatewayFence(gateway),
        async ({ station, epoch }): Promise<FenceReply> => ({ fenced: claims.fence(station, epoch) }),
      ),
      bus.serve<SessionUpdate>(subjects.gatewaySession(gateway), async (update) => {
        sessions.apply(update);
        return {};
      }),
      bus.subscribe<ClaimAnnouncement>(subjects.claimed(), (claim) => claims.heard(claim)),
      this.#whoHolds(parts),
    ];
  }

  /** No further CALL is taken; resolves when those that were written have ended. */
  stopCalls(): Promise<void> {
    return this.#calls.stop();
  }

  stop(): void {
    void this.#calls.stop();
    for (const door of this.#others) void door.stop();
  }

  /** Asked of all gateways when the directory does not know; only the holder answers, the others stay silent. */
  #whoHolds({ gateway, bus, connections, logger }: BusDoorParts): { stop(): void } {
    const subscription = bus.connection.subscribe(bus.subjects.whoHolds(), {
      callback: (refused, message) => {
        try {
          if (refused) throw refused;
          const { station } = message.json<WhoHoldsRequest>();
          const holder = connections.holder(station);
          if (holder === undefined) return;
          const reply: WhoHoldsReply = { gateway, epoch: holder.epoch };
          message.respond(JSON.stringify(reply));
        } catch (error) {
          logger.warn({ err: error }, 'a question who holds a station could not be answered');
        }
      },
    });
    return { stop: () => subscription.unsubscribe() };
  }
}
