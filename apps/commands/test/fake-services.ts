import { type CommandId, type StationId, TimeOrderedIds, type TransactionId } from '@busbar/domain';
import {
  type Ask,
  type Operation,
  ProblemError,
  type StationReference,
  stationOperations,
  transactionOperations,
} from '@busbar/events';
import type { Bus, Served } from '@busbar/messaging';

const ids = new TimeOrderedIds();

type RequestOf<O> = O extends Operation<infer Q, unknown> ? Q : never;

/** Stations and transactions, as far as commands asks them. */
export class FakeServices {
  readonly stations = new Map<StationId, StationReference>();
  readonly transactions = new Map<string, { station: StationId; ocppTransactionId: number }>();
  readonly linked: { id: TransactionId; command: CommandId }[] = [];
  readonly variablesReported: RequestOf<typeof stationOperations.variablesReported>[] = [];
  /** How many of the next reports of variables fail for now. */
  failingReports = 0;
  #served: Served[] = [];

  constructor(private readonly bus: Bus) {}

  async start(): Promise<void> {
    this.#served = [
      this.#serve(stationOperations.references, ({ identities, stations }) => ({
        items: [...this.stations.values()].filter(
          ({ identity, station }) => identities?.includes(identity) || stations?.includes(station),
        ),
      })),
      this.#serve(stationOperations.variablesReported, (request) => {
        if (this.failingReports > 0) {
          this.failingReports -= 1;
          throw new ProblemError({ status: 503, code: 'unavailable', detail: 'not now' });
        }
        this.variablesReported.push(request);
        return {};
      }),
      this.#serve(transactionOperations.reference, ({ id }) => {
        const known = this.transactions.get(id);
        if (known === undefined) throw new ProblemError({ status: 404, code: 'transaction-unknown', detail: 'none' });
        return { id: id as TransactionId, evseId: 1, state: 'active' as const, ...known };
      }),
      this.#serve(transactionOperations.linkRemoteStart, (request) => {
        this.linked.push(request);
        return {};
      }),
    ];
    await this.bus.connection.flush();
  }

  async stop(): Promise<void> {
    await Promise.all(this.#served.map((served) => served.stop()));
  }

  /** A station that is known, and accepted unless said otherwise. */
  add(more: Partial<StationReference> = {}): StationReference {
    const station: StationReference = {
      station: ids.next<'station'>(),
      identity: `CP-${this.stations.size + 1}`,
      registration: 'accepted',
      protocol: 'ocpp1.6',
      site: null,
      maxKeysPerGetVariables: null,
      ...more,
    };
    this.stations.set(station.station, station);
    return station;
  }

  #serve<Q, A extends object>(operation: Operation<Q, A>, answer: (request: Q) => A): Served {
    return this.bus.serve<Ask<Q>>(
      this.bus.subjects.ask(operation.name),
      async ({ request }) => ({ answer: answer(request) }),
      {
        concurrencyMax: 1_000,
        failed: (error) => (error instanceof ProblemError ? { problem: error.problem } : undefined),
      },
    );
  }
}
