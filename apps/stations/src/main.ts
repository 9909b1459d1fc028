import 'reflect-metadata';
import { runService } from '@busbar/service-host';
import { composeStations, type StationsService } from './compose.js';
import { stationsSettings } from './settings.js';

let service: StationsService | undefined;

await runService({
  name: 'stations',
  settings: stationsSettings,
  module: (parts) => {
    service = composeStations(parts);
    return service.module;
  },
  background: () => service?.background ?? [],
});
