import type { Directory, Owner } from '@busbar/directory';
import type { StationId } from '@busbar/domain';
import type { WhoHoldsReply, WhoHoldsRequest } from '@busbar/events';
import type { Bus } from '@busbar/messaging';
import type { Logger } from '@busbar/observability';

const whoHoldsMs = 250;
/** After the directory failed, everyone is asked at once instead of after its time-out. */
const distrustMs = 2_000;

/**
 * Which gateway holds a station: the directory's word, and where that is missing or was refuted, the word of the
 * gateways themselves. The highest epoch wins. Never throws: who can't be found is not there.
 */
export class Owners {
  #distrustedUntil = 0;

  constructor(
    private readonly directory: Directory,
    private readonly bus: Bus,
    private readonly logger: Logger,
    private readonly monotonicMs: () => number,
  ) {}

  /** The owner by the directory; all gateways are asked when it is away or, with `thorough`, knows nobody. */
  async find(station: StationId, { thorough }: { thorough: boolean }): Promise<Owner | null> {
    if (this.monotonicMs() < this.#distrustedUntil) {
      const [listed, holders] = await Promise.all([this.#listed(station), this.ask(station)]);
      return highest([listed, holders]);
    }
    const listed = await this.#listed(station);
    if (listed !== null && listed !== 'unavailable') return listed;
    return thorough || listed === 'unavailable' ? this.ask(station) : null;
  }

  /** Asks all gateways; those that do not hold it stay silent. */
  async ask(station: StationId): Promise<Owner | null> {
    try {
      const request: WhoHoldsRequest = { station };
      const options = { timeoutMs: whoHoldsMs };
      return highest(await this.bus.requestMany<WhoHoldsReply>(this.bus.subjects.whoHolds(), request, options));
    } catch (error) {
      this.logger.warn({ err: error, station }, 'the gateways could not be asked who holds a station');
      return null;
    }
  }

  async #listed(station: StationId): Promise<Owner | null | 'unavailable'> {
    try {
      const owner = await this.directory.ownerOf(station);
      this.#distrustedUntil = 0;
      return owner;
    } catch (error) {
      if (this.#distrustedUntil === 0)
        this.logger.warn({ err: error }, 'the directory is away; the gateways are asked');
      this.#distrustedUntil = this.monotonicMs() + distrustMs;
      return 'unavailable';
    }
  }
}

function highest(owners: readonly (Owner | null | 'unavailable')[]): Owner | null {
  let best: Owner | null = null;
  for (const owner of owners) {
    if (owner === null || owner === 'unavailable') continue;
    if (best === null || owner.epoch > best.epoch) best = { gateway: owner.gateway, epoch: owner.epoch };
  }
  return best;
}
