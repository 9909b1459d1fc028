import type { Clock, IdSource } from '@busbar/domain';
import { authorizationOperations, type Decision, type DecisionRequest } from '@busbar/events';
import { Serves } from '@busbar/messaging/nest';
import { tokens } from '@busbar/service-host';
import { Controller, Inject } from '@nestjs/common';
import { Authorizer } from '../domain/authorizer.js';
import { decisionOf } from '../domain/judge.js';

@Controller()
export class DecideHandler {
  constructor(
    @Inject(Authorizer) private readonly authorizer: Authorizer,
    @Inject(tokens.ids) private readonly ids: IdSource,
    @Inject(tokens.clock) private readonly clock: Clock,
  ) {}

  @Serves(authorizationOperations.decide)
  async decide({ decisions }: { decisions: DecisionRequest[] }): Promise<{ decisions: Decision[] }> {
    const at = this.clock.now();
    const presented = decisions.map((request) => ({
      ...request,
      id: this.ids.next<'decision'>(),
      at,
      occurredAt: new Date(request.occurredAt),
    }));
    const verdicts = await this.authorizer.decide(presented);
    return { decisions: verdicts.flatMap((verdict) => (verdict ? [decisionOf(verdict)] : [])) };
  }
}
