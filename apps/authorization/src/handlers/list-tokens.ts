import {
  type AskContext,
  authorizationOperations,
  type IdTokenView,
  type Page,
  type PageRequest,
} from '@busbar/events';
import { Serves } from '@busbar/messaging/nest';
import { Controller, Inject } from '@nestjs/common';
import { type TokenFilter, TokenStore } from '../domain/token-store.js';

@Controller()
export class ListTokensHandler {
  constructor(@Inject(TokenStore) private readonly store: TokenStore) {}

  @Serves(authorizationOperations.list)
  async list(request: PageRequest & TokenFilter, { tenant }: AskContext): Promise<Page<IdTokenView>> {
    return this.store.list(tenant, request);
  }
}
