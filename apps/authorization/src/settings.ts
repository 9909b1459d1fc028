import { integer, type SettingsSchema } from '@busbar/config';
import type { ServiceParts } from '@busbar/service-host';

/** What the authorization service can be told beyond what every service can. */
export const authorizationSettings = {
  decisionDays: integer({
    env: 'BUSBAR_DECISION_DAYS',
    default: 400,
    min: 1,
    max: 3_650,
    unit: 'days',
    why: 'a year and a month, so that a disputed bill can be traced; whole months beyond it are dropped',
  }),
} as const satisfies SettingsSchema;

export type AuthorizationParts = ServiceParts<typeof authorizationSettings>;
