import type { ServiceParts } from '@busbar/service-host';
import type { DynamicModule, LoggerService } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { describeApi } from './docs/open-api.js';
import { serveProbes } from './http/probes.js';
import { serviceChecks } from './http/readiness.js';
import { createServer } from './http/server.js';
import type { KeyStore } from './keys/key-store.js';
import type { apiSettings } from './settings.js';

export type ApiParts = ServiceParts<typeof apiSettings>;

/** The whole HTTP application: server, probes, controllers and their description. Not listening yet. */
export async function createApp(
  module: DynamicModule,
  parts: ApiParts,
  keys: KeyStore,
  logger: LoggerService,
): Promise<NestFastifyApplication> {
  const adapter = createServer(keys, () => parts.ids.next());
  serveProbes(adapter, parts.metrics, { ...parts.checks, ...serviceChecks(parts.bus) });
  const app = await NestFactory.create<NestFastifyApplication>(module, adapter, { logger, abortOnError: false });
  describeApi(app);
  return app;
}
