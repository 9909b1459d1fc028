import type { StationId, TransactionId } from '@busbar/domain';
import {
  type AskContext,
  type ConnectorView,
  ProblemError,
  stationOperations,
  transactionOperations,
} from '@busbar/events';
import { type Bus, BusError } from '@busbar/messaging';
import { Serves } from '@busbar/messaging/nest';
import type { Logger } from '@busbar/observability';
import { tokens } from '@busbar/service-host';
import { Controller, Inject } from '@nestjs/common';
import { StationDetails, StationReads } from '../domain/station-store.js';

const openTransactionsTimeoutMs = 500;

@Controller()
export class StationConnectorsHandler {
  constructor(
    @Inject(StationReads) private readonly reads: StationReads,
    @Inject(StationDetails) private readonly details: StationDetails,
    @Inject(tokens.bus) private readonly bus: Bus,
    @Inject(tokens.logger) private readonly logger: Logger,
  ) {}

  @Serves(stationOperations.connectors)
  async connectors({ identity }: { identity: string }, context: AskContext): Promise<{ items: ConnectorView[] }> {
    const station = await this.reads.station(context.tenant, identity);
    const [items, open] = await Promise.all([
      this.details.connectors(context.tenant, station.id),
      this.#openTransactions(station.id, context),
    ]);
    return { items: items.map((item) => ({ ...item, transactionId: open.get(item.evseId) ?? null })) };
  }

  /** By EVSE. A silent transactions service must not hide the connectors, so then there are none. */
  async #openTransactions(station: StationId, context: AskContext): Promise<Map<number, TransactionId>> {
    const options = { timeoutMs: openTransactionsTimeoutMs };
    try {
      const { items } = await this.bus.ask(transactionOperations.openByStation, { station }, context, options);
      return new Map(items.map((item) => [item.evseId, item.transaction]));
    } catch (error) {
      if (!(error instanceof BusError) && !(error instanceof ProblemError)) throw error;
      this.logger.info({ code: error.code }, 'open transactions are not known');
      return new Map();
    }
  }
}
