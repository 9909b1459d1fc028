import { defaultTenant } from '@busbar/domain';
import {
  type AskContext,
  authorizationOperations,
  commandOperations,
  type Operation,
  ProblemError,
  stationOperations,
  transactionOperations,
} from '@busbar/events';
import type { Bus } from '@busbar/messaging';

const timeoutMs = 900;
const nobody = '0'.repeat(26);
const context: AskContext = { tenant: defaultTenant, caller: 'readiness', requestId: 'readiness' };

/** One check for each service that the API needs: does any replica of it answer? A refusal is an answer. */
export function serviceChecks(bus: Bus): Record<string, () => Promise<void>> {
  return {
    stations: () => answers(bus, stationOperations.references, { identities: [] }),
    authorization: () => answers(bus, authorizationOperations.get, { idToken: nobody }),
    transactions: () => answers(bus, transactionOperations.reference, { id: nobody }),
    commands: () => answers(bus, commandOperations.get, { id: nobody }),
  };
}

async function answers<Q, A>(bus: Bus, operation: Operation<Q, A>, request: Q): Promise<void> {
  try {
    await bus.ask(operation, request, context, { timeoutMs });
  } catch (error) {
    if (!(error instanceof ProblemError) || error.problem.status >= 500) {
      throw error;
    }
  }
}
