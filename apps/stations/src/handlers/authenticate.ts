import type { AuthenticateReply, AuthenticateRequest } from '@busbar/events';
import { stationOperations } from '@busbar/events';
import { Serves } from '@busbar/messaging/nest';
import { Controller, Inject } from '@nestjs/common';
import { Authentication } from '../domain/authentication/authentication.js';

@Controller()
export class AuthenticateHandler {
  constructor(@Inject(Authentication) private readonly authentication: Authentication) {}

  @Serves(stationOperations.authenticate)
  async authenticate({ attempts }: AuthenticateRequest): Promise<AuthenticateReply> {
    return this.authentication.authenticate(attempts);
  }
}
