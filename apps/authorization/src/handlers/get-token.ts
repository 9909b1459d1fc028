import { type AskContext, authorizationOperations, type IdTokenView } from '@busbar/events';
import { Serves } from '@busbar/messaging/nest';
import { Controller, Inject } from '@nestjs/common';
import { TokenStore } from '../domain/token-store.js';

@Controller()
export class GetTokenHandler {
  constructor(@Inject(TokenStore) private readonly store: TokenStore) {}

  @Serves(authorizationOperations.get)
  async get({ idToken }: { idToken: string }, { tenant }: AskContext): Promise<IdTokenView> {
    return this.store.get(tenant, idToken);
  }
}
