import { type AskContext, type CommandView, commandOperations } from '@busbar/events';
import { Serves } from '@busbar/messaging/nest';
import { Controller, Inject } from '@nestjs/common';
import { CommandDesk } from '../dispatch/command-desk.js';
import { viewOf } from '../domain/view.js';
import { waitingBounds } from './bounds.js';

@Controller()
export class GetCommandHandler {
  constructor(@Inject(CommandDesk) private readonly desk: CommandDesk) {}

  @Serves(commandOperations.get, waitingBounds)
  async get({ id, waitSeconds }: { id: string; waitSeconds?: number }, { tenant }: AskContext): Promise<CommandView> {
    return viewOf(await this.desk.get(tenant, id, waitSeconds));
  }
}
