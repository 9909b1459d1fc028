import type { Clock } from '@busbar/domain';
import { type AskContext, type CommandView, commandOperations } from '@busbar/events';
import { Serves } from '@busbar/messaging/nest';
import { tokens } from '@busbar/service-host';
import { Controller, Inject } from '@nestjs/common';
import { CommandDesk } from '../dispatch/command-desk.js';
import { viewOf } from '../domain/view.js';

@Controller()
export class CancelCommandHandler {
  constructor(
    @Inject(CommandDesk) private readonly desk: CommandDesk,
    @Inject(tokens.clock) private readonly clock: Clock,
  ) {}

  @Serves(commandOperations.cancel)
  async cancel({ id }: { id: string }, { tenant }: AskContext): Promise<CommandView> {
    return viewOf(await this.desk.cancel(tenant, id, this.clock.now()));
  }
}
