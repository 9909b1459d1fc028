import 'reflect-metadata';
import { runService } from '@busbar/service-host';
import { type CommandsService, composeCommands } from './compose.js';
import { commandsSettings } from './settings.js';

let service: CommandsService | undefined;

await runService({
  name: 'commands',
  settings: commandsSettings,
  module: (parts) => {
    service = composeCommands(parts);
    return service.module;
  },
  background: () => service?.background ?? [],
});
