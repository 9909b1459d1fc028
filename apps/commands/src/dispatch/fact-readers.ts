import type { FactType } from '@busbar/events';
import { type Bus, consumeFacts } from '@busbar/messaging';
import type { Logger } from '@busbar/observability';
import type { Effects } from './effects.js';

/** The facts that may be an effect; each is read under a name of its own, since a consumer has one filter. */
const types = [
  'transaction.started',
  'transaction.ended',
  'station.booted',
  'connector.changed',
] as const satisfies FactType[];

/** Reads other services' facts for the effects of our commands; replicas share them. */
export class FactReaders {
  readonly name = 'fact readers';
  #readers: { stop(): Promise<void> }[] = [];

  constructor(
    private readonly bus: Bus,
    private readonly effects: Effects,
    private readonly logger: Logger,
  ) {}

  async start(): Promise<void> {
    this.#readers = await Promise.all(
      types.map((type) =>
        consumeFacts(this.bus, {
          durable: `commands-${type.replace('.', '-')}`,
          filter: this.bus.subjects.facts('*', '*', type),
          handler: (fact) => this.effects.take(fact),
          logger: this.logger,
        }),
      ),
    );
  }

  async stop(): Promise<void> {
    await Promise.all(this.#readers.map((reader) => reader.stop()));
  }
}
