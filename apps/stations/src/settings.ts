import { ConfigError, choice, integer, type SettingsSchema, secret, text, url } from '@busbar/config';
import type { ServiceParts } from '@busbar/service-host';

/** What the stations service can be told beyond what every service can. */
export const stationsSettings = {
  redisUrl: url({
    env: 'BUSBAR_REDIS_URL',
    schemes: ['redis', 'rediss'],
    default: 'redis://127.0.0.1:6379',
    why: 'the directory of who holds which station; where Redis listens unless it is told otherwise',
  }),
  unknownStations: choice({
    env: 'BUSBAR_UNKNOWN_STATIONS',
    options: ['refuse', 'pending', 'accept'],
    default: 'refuse',
    why: 'a station that nobody registered proves nothing; the other two take it on the plain listener only',
  }),
  unknownStationsMax: integer({
    env: 'BUSBAR_UNKNOWN_STATIONS_MAX',
    default: 1_000,
    min: 1,
    max: 1_000_000,
    unit: 'stations',
    why: 'enough for any site that is being set up, too few for a flood of invented identities to matter',
  }),
  keyPepper: secret({
    env: 'BUSBAR_KEY_PEPPER',
    default: '',
    why: 'a copy of the database alone must not be enough to check guesses of keys; required in production',
  }),
  vendors: text({
    env: 'BUSBAR_DATA_TRANSFER_VENDORS',
    default: '',
    why: 'none: DataTransfer of a vendor that was not agreed with is answered UnknownVendorId; a list of vendor or vendor/messageId',
  }),
  historyDays: integer({
    env: 'BUSBAR_STATION_HISTORY_DAYS',
    default: 180,
    min: 1,
    max: 3_650,
    unit: 'days',
    why: 'half a year of states and events is what disputes are about; partitions and rows beyond it go',
  }),
} as const satisfies SettingsSchema;

export type StationsParts = ServiceParts<typeof stationsSettings>;

const pepperLengthMin = 16;
/** The same in every development installation, so that its database works with every checkout. */
const developmentPepper = 'busbar development pepper';

/** The pepper of the key digests. Throws a `ConfigError` when production has none worth the name. */
export function pepperOf({ settings, logger }: StationsParts): string {
  if (settings.keyPepper.length >= pepperLengthMin) return settings.keyPepper;
  if (settings.keyPepper !== '' || settings.environment === 'production') {
    throw new ConfigError([`BUSBAR_KEY_PEPPER must have at least ${pepperLengthMin} characters`]);
  }
  logger.warn('BUSBAR_KEY_PEPPER is not set: station keys are stored under the pepper of every development machine');
  return developmentPepper;
}
