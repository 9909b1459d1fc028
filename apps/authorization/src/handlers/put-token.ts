import type { Clock } from '@busbar/domain';
import { type AskContext, authorizationOperations, type IdTokenSettings, type IdTokenView } from '@busbar/events';
import { Serves } from '@busbar/messaging/nest';
import { tokens } from '@busbar/service-host';
import { Controller, Inject } from '@nestjs/common';
import { checkedIdToken, checkedSettings, defaultSettings } from '../domain/token-settings.js';
import { TokenStore } from '../domain/token-store.js';

@Controller()
export class PutTokenHandler {
  constructor(
    @Inject(TokenStore) private readonly store: TokenStore,
    @Inject(tokens.clock) private readonly clock: Clock,
  ) {}

  @Serves(authorizationOperations.put)
  async put(
    { idToken, settings }: { idToken: string; settings: Partial<IdTokenSettings> },
    { tenant }: AskContext,
  ): Promise<{ created: boolean; token: IdTokenView }> {
    const wanted = { ...defaultSettings, ...checkedSettings({ ...settings }) };
    return this.store.put(tenant, checkedIdToken(idToken), wanted, this.clock.now());
  }
}
