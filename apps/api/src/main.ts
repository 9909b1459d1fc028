import 'reflect-metadata';
import { ConfigError } from '@busbar/config';
import { defaultTenant } from '@busbar/domain';
import { runService } from '@busbar/service-host';
import { ApiModule, keyStoreOf } from './api.module.js';
import { type ApiParts, createApp } from './create-app.js';
import type { KeyStore } from './keys/key-store.js';
import { apiSettings } from './settings.js';

async function ensureDevelopmentKey(keys: KeyStore, { settings }: ApiParts): Promise<void> {
  if (settings.devApiKey === '') {
    return;
  }
  if (settings.environment === 'production') {
    throw new ConfigError(['BUSBAR_DEV_API_KEY is for development and refused in production']);
  }
  await keys.ensure(settings.devApiKey, defaultTenant);
}

/** One store for the server's first hook and for the controllers, so that they share its cache. */
const stores = new WeakMap<ApiParts, KeyStore>();

function keysOf(parts: ApiParts): KeyStore {
  const keys = stores.get(parts) ?? keyStoreOf(parts);
  stores.set(parts, keys);
  return keys;
}

await runService({
  name: 'api',
  settings: apiSettings,
  module: (parts) => ApiModule.with(keysOf(parts)),
  http: {
    portName: 'api',
    port: (parts) => parts.settings.port,
    create: async (module, parts, logger) => {
      await ensureDevelopmentKey(keysOf(parts), parts);
      return createApp(module, parts, keysOf(parts), logger);
    },
  },
});
