import 'reflect-metadata';
import { runService } from '@busbar/service-host';
import { type AuthorizationService, composeAuthorization } from './compose.js';
import { authorizationSettings } from './settings.js';

let service: AuthorizationService | undefined;

await runService({
  name: 'authorization',
  settings: authorizationSettings,
  module: (parts) => {
    service = composeAuthorization(parts);
    return service.module;
  },
  background: () => service?.background ?? [],
});
