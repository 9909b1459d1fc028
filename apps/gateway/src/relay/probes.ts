import type { Clock, GatewayId, IdSource } from '@busbar/domain';
import type { ReportService } from '@busbar/events';
import type { Logger } from '@busbar/observability';
import type { CommitPath } from './commit-path.js';
import type { Ask } from './report-batcher.js';

const timeoutMs = 1500;

/**
 * While the commit path is away, asks each second whether an empty batch can be committed. The services that owed
 * receipts when it went away are asked, because only they can say that it is back.
 */
export class Probes {
  #services: readonly ReportService[] = [];

  constructor(
    private readonly gateway: GatewayId,
    private readonly ask: Ask,
    private readonly commitPath: CommitPath,
    private readonly clock: Clock,
    private readonly ids: IdSource,
    private readonly logger: Logger,
  ) {}

  /** Whom to ask from now on. */
  of(services: readonly ReportService[]): void {
    this.#services = services;
  }

  /** Once a second. */
  tick(): void {
    if (!this.commitPath.away) return;
    for (const service of this.#services) void this.#probe(service);
  }

  async #probe(service: ReportService): Promise<void> {
    try {
      await this.ask(service, { id: this.ids.next(), gateway: this.gateway, reports: [] }, timeoutMs);
      this.commitPath.receipt(this.clock.monotonicMs());
    } catch (error) {
      this.logger.debug({ err: error, service }, 'the commit path is still away');
    }
  }
}
