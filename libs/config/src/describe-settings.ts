import type { SettingsSchema } from './setting.js';

/** One row of docs/config.md. */
export interface SettingRow {
  env: string;
  type: string;
  unit: string | null;
  /** As it would be written in the environment; null means required. An empty text means: none. */
  default: string | null;
  secret: boolean;
  why: string;
}

/** The rows of the generated documentation, in the order of the schema. */
export function describeSettings(schema: SettingsSchema): SettingRow[] {
  return Object.values(schema).map((setting) => ({
    env: setting.env,
    type: setting.type,
    unit: setting.unit,
    default: setting.default,
    secret: setting.secret,
    why: setting.why,
  }));
}
