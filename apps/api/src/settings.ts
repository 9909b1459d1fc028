import { integer, port, type SettingsOf, type SettingsSchema, secret } from '@busbar/config';

/** What the API has beside the settings of every service. */
export const apiSettings = {
  port: port({ env: 'BUSBAR_API_PORT', default: 8080, why: 'the usual port of an HTTP service behind a proxy' }),
  devApiKey: secret({
    env: 'BUSBAR_DEV_API_KEY',
    default: '',
    why: 'none; for development, a key with every scope that is made when the API starts',
  }),
  streamsPerKeyMax: integer({
    env: 'BUSBAR_STREAMS_PER_KEY',
    default: 50,
    min: 1,
    max: 10_000,
    unit: 'streams',
    why: 'enough for a control room, too few to take every socket',
  }),
} as const satisfies SettingsSchema;

export type ApiSettings = SettingsOf<typeof apiSettings>;
