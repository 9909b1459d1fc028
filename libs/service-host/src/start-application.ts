import type { AddressInfo } from 'node:net';
import type { SettingsSchema } from '@busbar/config';
import { BusStrategy } from '@busbar/messaging/nest';
import type { DynamicModule } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { MicroserviceOptions } from '@nestjs/microservices';
import type { Lifecycle } from './lifecycle.js';
import { NestLogger } from './nest-logger.js';
import { partsModule, type ServiceParts } from './parts.js';
import type { HttpDoor, ServiceDefinition } from './service-definition.js';

/** Starts the NestJS application on the bus, and on HTTP where the service has that door; gives the HTTP port. */
export async function startApplication<Own extends SettingsSchema>(
  definition: ServiceDefinition<Own>,
  parts: ServiceParts<Own>,
  lifecycle: Lifecycle,
): Promise<Record<string, number>> {
  const strategy = new BusStrategy(parts.bus, parts.name, parts.logger);
  const module = rootModule(definition.module(parts), parts);
  if (definition.http) return startHttp(definition.http, module, strategy, parts, lifecycle);
  const app = await NestFactory.createMicroservice<MicroserviceOptions>(module, {
    strategy,
    logger: new NestLogger(parts.logger),
    abortOnError: false,
  });
  lifecycle.add('application', () => app.close());
  await app.listen();
  return {};
}

async function startHttp<Own extends SettingsSchema>(
  http: HttpDoor<Own>,
  module: DynamicModule,
  strategy: BusStrategy,
  parts: ServiceParts<Own>,
  lifecycle: Lifecycle,
): Promise<Record<string, number>> {
  const app = await http.create(module, parts, new NestLogger(parts.logger));
  lifecycle.add('application', () => app.close());
  app.connectMicroservice<MicroserviceOptions>({ strategy });
  await app.startAllMicroservices();
  await app.listen(http.port(parts), parts.settings.listen);
  const address: AddressInfo = app.getHttpServer().address();
  return { [http.portName]: address.port };
}

function rootModule<Own extends SettingsSchema>(module: DynamicModule, parts: ServiceParts<Own>): DynamicModule {
  return { ...module, imports: [partsModule(parts), ...(module.imports ?? [])] };
}
