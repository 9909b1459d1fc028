import { type AskContext, stationOperations } from '@busbar/events';
import { Serves } from '@busbar/messaging/nest';
import { Controller, Inject } from '@nestjs/common';
import { RegistrationDesk, type StationRequest } from '../domain/settings/registration-desk.js';

@Controller()
export class CreateStationHandler {
  constructor(@Inject(RegistrationDesk) private readonly desk: RegistrationDesk) {}

  @Serves(stationOperations.create)
  async create(request: StationRequest, context: AskContext) {
    return this.desk.create(request, context);
  }
}
