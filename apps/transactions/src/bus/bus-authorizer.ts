import { type AskContext, authorizationOperations, type DecisionRequest } from '@busbar/events';
import type { Bus } from '@busbar/messaging';
import { type Judgement, judgementOf } from '../domain/judgement.js';
import type { Authorizer } from '../domain/judging.js';
import type { IntakeObserver } from '../domain/observer.js';

/** Asks the authorization service over the bus, for a whole batch at once. */
export class BusAuthorizer implements Authorizer {
  constructor(
    private readonly bus: Bus,
    private readonly observer: IntakeObserver,
    /** A station waits for its answer; after this the policy for silence decides. */
    private readonly deadlineMs: number,
  ) {}

  async judge(requests: readonly DecisionRequest[]): Promise<Judgement[] | undefined> {
    const [first] = requests;
    if (!first) return [];
    const context: AskContext = { tenant: first.tenant, caller: 'transactions', requestId: first.station };
    const question = { decisions: [...requests] };
    try {
      const options = { timeoutMs: this.deadlineMs };
      const { decisions } = await this.bus.ask(authorizationOperations.decide, question, context, options);
      if (decisions.length === requests.length) return decisions.map(judgementOf);
      throw new RangeError(`${decisions.length} decisions for ${requests.length} tokens`);
    } catch (error) {
      // Whatever went wrong, a driver must not be refused for it: the policy for silence takes over, and it shows.
      this.observer.unjudged(requests.length, error);
      return undefined;
    }
  }
}
