import type { ToleratedNotice } from '@busbar/events';
import type { Bus, Subscription } from '@busbar/messaging';
import type { Background } from '@busbar/service-host';
import type { DeviationCounts } from '../domain/reports/deviation-counts.js';

/**
 * Counts what gateways tolerated in messages that other services answer, one replica for each notice. At most once:
 * a count that is missed is no loss.
 */
export class DeviationListener implements Background {
  readonly name = 'deviation listener';
  #subscription: Subscription | undefined;

  constructor(
    private readonly bus: Bus,
    private readonly counts: DeviationCounts,
  ) {}

  start(): void {
    this.#subscription = this.bus.subscribe<ToleratedNotice>(
      this.bus.subjects.tolerated(),
      ({ tenant, station, action, at, deviations }) => {
        for (const { rule, detail } of deviations) {
          this.counts.add({ tenant, station, rule, example: `${action}: ${detail}`, at: new Date(at) });
        }
      },
      { queue: 'stations' },
    );
  }

  stop(): void {
    this.#subscription?.stop();
  }
}
