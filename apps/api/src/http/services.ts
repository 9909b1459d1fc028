import {
  type AskContext,
  type Operation,
  ProblemError,
  type StationReference,
  stationOperations,
} from '@busbar/events';
import { type Bus, BusError, busProblem } from '@busbar/messaging';

/** Asks the services behind the API; a service that does not answer becomes a 503 that says what is known. */
export class Services {
  constructor(private readonly bus: Bus) {}

  /** Throws ProblemError only. `timeoutMs` is how long the service may take (default 5 s). */
  async ask<Q, A>(
    operation: Operation<Q, A>,
    request: Q,
    context: AskContext,
    options: { timeoutMs: number } = { timeoutMs: 5_000 },
  ): Promise<A> {
    try {
      return await this.bus.ask(operation, request, context, options);
    } catch (error) {
      throw error instanceof BusError ? new ProblemError(busProblem(error)) : error;
    }
  }

  /** A station by its OCPP identity. Throws a 404 `station-unknown`. */
  async station(identity: string, context: AskContext): Promise<StationReference> {
    const { items } = await this.ask(stationOperations.references, { identities: [identity] }, context);
    const [reference] = items;
    if (reference === undefined) {
      throw new ProblemError({ status: 404, code: 'station-unknown', detail: 'There is no such station.' });
    }
    return reference;
  }
}
