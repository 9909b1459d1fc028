import type { SettingsOf, SettingsSchema } from '@busbar/config';
import type { Clock, IdSource } from '@busbar/domain';
import type { Bus } from '@busbar/messaging';
import type { HealthCheck, Logger, Metrics } from '@busbar/observability';
import type { Database } from '@busbar/persistence';
import { type DynamicModule, Global, Module, type Provider } from '@nestjs/common';
import type { ServiceSettings } from './settings.js';

/** What every part of a service is built from; made once, in `runService`. */
export interface ServiceParts<Own extends SettingsSchema = Record<never, never>> {
  readonly name: string;
  readonly settings: ServiceSettings & SettingsOf<Own>;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly database: Database;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly ids: IdSource;
  /** What readiness asks; a service may add its own before it is up. */
  readonly checks: Record<string, HealthCheck>;
}

/** The names under which Nest injects the parts: `constructor(@Inject(tokens.database) database: Database)`. */
export const tokens = {
  settings: Symbol('settings'),
  logger: Symbol('logger'),
  metrics: Symbol('metrics'),
  database: Symbol('database'),
  bus: Symbol('bus'),
  clock: Symbol('clock'),
  ids: Symbol('ids'),
} as const;

@Global()
@Module({})
class PartsModule {}

/** A module that makes the parts injectable everywhere; for `runService` and for tests that build a module themselves. */
export function partsModule<Own extends SettingsSchema>(parts: ServiceParts<Own>): DynamicModule {
  const providers: Provider[] = [
    { provide: tokens.settings, useValue: parts.settings },
    { provide: tokens.logger, useValue: parts.logger },
    { provide: tokens.metrics, useValue: parts.metrics },
    { provide: tokens.database, useValue: parts.database },
    { provide: tokens.bus, useValue: parts.bus },
    { provide: tokens.clock, useValue: parts.clock },
    { provide: tokens.ids, useValue: parts.ids },
  ];
  return { module: PartsModule, providers, exports: Object.values(tokens) };
}
