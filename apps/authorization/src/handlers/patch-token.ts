import type { Clock } from '@busbar/domain';
import { type AskContext, authorizationOperations, type IdTokenSettings, type IdTokenView } from '@busbar/events';
import { Serves } from '@busbar/messaging/nest';
import { tokens } from '@busbar/service-host';
import { Controller, Inject } from '@nestjs/common';
import { checkedSettings } from '../domain/token-settings.js';
import { TokenStore } from '../domain/token-store.js';

@Controller()
export class PatchTokenHandler {
  constructor(
    @Inject(TokenStore) private readonly store: TokenStore,
    @Inject(tokens.clock) private readonly clock: Clock,
  ) {}

  @Serves(authorizationOperations.patch)
  async patch(
    { idToken, changes }: { idToken: string; changes: Partial<IdTokenSettings> },
    { tenant }: AskContext,
  ): Promise<IdTokenView> {
    return this.store.patch(tenant, idToken, checkedSettings({ ...changes }), this.clock.now());
  }
}
