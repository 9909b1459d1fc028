import { type AskContext, type CommandView, commandOperations, type Page, type PageRequest } from '@busbar/events';
import { Serves } from '@busbar/messaging/nest';
import { Controller, Inject } from '@nestjs/common';
import { CommandDesk } from '../dispatch/command-desk.js';
import type { CommandFilter } from '../domain/command-store.js';
import { viewOf } from '../domain/view.js';

@Controller()
export class ListCommandsHandler {
  constructor(@Inject(CommandDesk) private readonly desk: CommandDesk) {}

  @Serves(commandOperations.list)
  async list(
    { station, type, state, limit, cursor }: PageRequest & CommandFilter,
    { tenant }: AskContext,
  ): Promise<Page<CommandView>> {
    const filter = {
      ...(station === undefined ? {} : { station }),
      ...(type === undefined ? {} : { type }),
      ...(state === undefined ? {} : { state }),
    };
    const { items, nextCursor } = await this.desk.list(
      tenant,
      filter,
      cursor === undefined ? { limit } : { limit, cursor },
    );
    return { items: items.map(viewOf), nextCursor };
  }
}
