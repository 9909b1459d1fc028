export { ConfigError } from './config-error.js';
export { describeSettings, type SettingRow } from './describe-settings.js';
export { choice, flag, integer, port, ports, secret, text, url } from './kinds.js';
export { type ReadSettings, readSettings } from './read-settings.js';
export type { Setting, SettingsOf, SettingsSchema } from './setting.js';
