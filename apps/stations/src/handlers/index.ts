import { AuthenticateHandler } from './authenticate.js';
import { CreateStationHandler } from './create-station.js';
import { DeleteStationHandler } from './delete-station.js';
import { GetStationHandler } from './get-station.js';
import { ListStationsHandler } from './list-stations.js';
import { RecordReportsHandler } from './record-reports.js';
import { StationConfigurationHandler } from './station-configuration.js';
import { StationConnectorsHandler } from './station-connectors.js';
import { StationDeviationsHandler } from './station-deviations.js';
import { StationReferencesHandler } from './station-references.js';
import { UpdateStationHandler } from './update-station.js';
import { VariablesReportedHandler } from './variables-reported.js';
import { WatchStationHandler } from './watch-station.js';

/** Everything that the service answers on the bus. */
export const handlers = [
  AuthenticateHandler,
  CreateStationHandler,
  DeleteStationHandler,
  GetStationHandler,
  ListStationsHandler,
  RecordReportsHandler,
  StationConfigurationHandler,
  StationConnectorsHandler,
  StationDeviationsHandler,
  StationReferencesHandler,
  UpdateStationHandler,
  VariablesReportedHandler,
  WatchStationHandler,
];
