export { partsModule, type ServiceParts, tokens } from './parts.js';
export { type MigrationsOptions, runMigrations } from './run-migrations.js';
export { runService } from './run-service.js';
export type { Background, HttpDoor, ServiceDefinition } from './service-definition.js';
export { readServiceSettings, type ServiceSettings, serviceSettings } from './settings.js';
