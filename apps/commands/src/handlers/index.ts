import { CallStationHandler } from './call-station.js';
import { CancelCommandHandler } from './cancel-command.js';
import { CreateCommandHandler } from './create-command.js';
import { GetCommandHandler } from './get-command.js';
import { ListCommandsHandler } from './list-commands.js';
import { TakeReportsHandler } from './take-reports.js';

/** Everything that the service answers on the bus. */
export const handlers = [
  CallStationHandler,
  CancelCommandHandler,
  CreateCommandHandler,
  GetCommandHandler,
  ListCommandsHandler,
  TakeReportsHandler,
];
