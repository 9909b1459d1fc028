import { type AskContext, type CommandView, commandOperations } from '@busbar/events';
import { Serves } from '@busbar/messaging/nest';
import { Controller, Inject } from '@nestjs/common';
import { CommandDesk } from '../dispatch/command-desk.js';
import type { CommandRequest } from '../domain/new-commands.js';
import { viewOf } from '../domain/view.js';
import { waitingBounds } from './bounds.js';

@Controller()
export class CreateCommandHandler {
  constructor(@Inject(CommandDesk) private readonly desk: CommandDesk) {}

  @Serves(commandOperations.create, waitingBounds)
  async create(
    { waitSeconds, ...request }: CommandRequest & { waitSeconds?: number },
    context: AskContext,
  ): Promise<CommandView> {
    return viewOf(await this.desk.create(request, context, waitSeconds));
  }
}
