import { integer, type SettingsSchema, url } from '@busbar/config';
import type { ServiceParts } from '@busbar/service-host';

/** What the commands service can be told beyond what every service can. */
export const commandsSettings = {
  redisUrl: url({
    env: 'BUSBAR_REDIS_URL',
    schemes: ['redis', 'rediss'],
    default: 'redis://127.0.0.1:6379',
    why: 'the directory of who holds which station; where Redis listens unless it is told otherwise',
  }),
  queueMax: integer({
    env: 'BUSBAR_COMMAND_QUEUE_MAX',
    default: 100,
    min: 1,
    max: 10_000,
    unit: 'commands',
    why: 'a station that is away for a night collects fewer; beyond it a program has run wild',
  }),
  inFlightMax: integer({
    env: 'BUSBAR_COMMANDS_IN_FLIGHT_MAX',
    default: 5_000,
    min: 1,
    max: 15_000,
    unit: 'CALLs',
    why: 'each costs a few kilobytes for up to a minute; what is beyond it stays queued',
  }),
  waitersMax: integer({
    env: 'BUSBAR_COMMAND_WAITERS_MAX',
    default: 2_000,
    min: 0,
    max: 3_500,
    unit: 'callers',
    why: 'a caller that waits holds a handler; beyond it callers are answered without waiting',
  }),
  retentionDays: integer({
    env: 'BUSBAR_COMMAND_RETENTION_DAYS',
    default: 180,
    min: 1,
    max: 3_650,
    unit: 'days',
    why: 'half a year of what was asked of stations is what disputes are about; older ended commands go',
  }),
} as const satisfies SettingsSchema;

export type CommandsParts = ServiceParts<typeof commandsSettings>;
