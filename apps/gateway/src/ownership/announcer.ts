import type { Directory, HeldStation, Superseded } from '@busbar/directory';
import type { GatewayId } from '@busbar/domain';
import type { Logger } from '@busbar/observability';
import type { Connections } from '../connection/connections.js';
import type { Claims } from './claims.js';

const chunk = 500;

/**
 * Writes all that this gateway holds into the directory again: at once after the directory was away or emptied,
 * and slowly, all the time, so that whatever went wrong is mended within two minutes.
 */
export class Announcer {
  #running = false;
  #again = false;
  #position = 0;

  constructor(
    private readonly gateway: GatewayId,
    private readonly directory: Pick<Directory, 'announce'>,
    private readonly connections: Connections,
    private readonly claims: Claims,
    private readonly logger: Logger,
    private readonly sweepMs: number = 120_000,
  ) {}

  /** Everything, now. Calls that come while it runs make it run once more. */
  announceAll(): void {
    this.#again = true;
    if (!this.#running) void this.#run();
  }

  /** Once a second: the next part of the slow sweep. */
  async sweep(): Promise<void> {
    const { all } = this.connections;
    const share = Math.ceil((all.length * 1000) / this.sweepMs);
    const part: HeldStation[] = [];
    for (let n = 0; n < share; n += 1) {
      this.#position = this.#position + 1 < all.length ? this.#position + 1 : 0;
      const connection = all[this.#position];
      if (connection?.phase === 'held') part.push({ station: connection.session.station, epoch: connection.epoch });
    }
    try {
      await this.#announce(part);
    } catch (error) {
      this.logger.debug({ err: error }, 'the directory took no announcement');
    }
  }

  async #run(): Promise<void> {
    this.#running = true;
    try {
      while (this.#again) {
        this.#again = false;
        const held: HeldStation[] = [];
        for (const { phase, session, epoch } of this.connections.all) {
          if (phase === 'held') held.push({ station: session.station, epoch });
        }
        for (let start = 0; start < held.length; start += chunk) {
          await this.#announce(held.slice(start, start + chunk));
        }
        if (held.length > 0) this.logger.info({ stations: held.length }, 'announced to the directory');
      }
    } catch (error) {
      // The directory says when it is back, and the sweep goes on in any case.
      this.logger.debug({ err: error }, 'the directory took no announcement');
    } finally {
      this.#running = false;
    }
  }

  async #announce(held: readonly HeldStation[]): Promise<void> {
    if (held.length === 0) return;
    for (const superseded of await this.directory.announce(held, this.gateway)) this.#superseded(superseded);
  }

  /** Someone connected anew, elsewhere. The station's connection here is an old one, if it is still the same. */
  #superseded({ station, epoch, by }: Superseded): void {
    if (by?.gateway === this.gateway || this.connections.holder(station)?.epoch !== epoch) return;
    this.claims.fence(station, by?.epoch ?? epoch + 1);
  }
}
