import type { SettingsSchema } from '@busbar/config';
import type { DynamicModule, INestApplication, LoggerService } from '@nestjs/common';
import type { ServiceParts } from './parts.js';

/** Work that runs beside the handlers, such as a sweep. */
export interface Background {
  readonly name: string;
  start(): Promise<void> | void;
  /** Resolves when nothing of it runs any more. */
  stop(): Promise<void> | void;
}

/** For a service that also speaks HTTP. */
export interface HttpDoor<Own extends SettingsSchema> {
  /** Makes the application with its HTTP adapter, guards and documents; `logger` takes Nest's own words. */
  create(module: DynamicModule, parts: ServiceParts<Own>, logger: LoggerService): Promise<INestApplication>;
  /** Under which name the `ready` line shows the port. */
  portName: string;
  /** 0 takes any free port. */
  port(parts: ServiceParts<Own>): number;
}

/** What makes one service different from another. */
export interface ServiceDefinition<Own extends SettingsSchema = Record<never, never>> {
  /** The service's name: its queue group on the bus, its schema, its word in the log. */
  name: string;
  /** Settings beyond those that every service has. */
  settings?: Own;
  /** The root module. The parts are injectable everywhere in it, by `tokens`. */
  module: (parts: ServiceParts<Own>) => DynamicModule;
  /** Started after the handlers, stopped before them. */
  background?: (parts: ServiceParts<Own>) => Background[];
  http?: HttpDoor<Own>;
}
