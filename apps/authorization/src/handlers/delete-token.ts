import type { Clock } from '@busbar/domain';
import { type AskContext, authorizationOperations } from '@busbar/events';
import { Serves } from '@busbar/messaging/nest';
import { tokens } from '@busbar/service-host';
import { Controller, Inject } from '@nestjs/common';
import { TokenStore } from '../domain/token-store.js';

@Controller()
export class DeleteTokenHandler {
  constructor(
    @Inject(TokenStore) private readonly store: TokenStore,
    @Inject(tokens.clock) private readonly clock: Clock,
  ) {}

  @Serves(authorizationOperations.delete)
  async delete({ idToken }: { idToken: string }, { tenant }: AskContext): Promise<Record<string, never>> {
    await this.store.delete(tenant, idToken, this.clock.now());
    return {};
  }
}
