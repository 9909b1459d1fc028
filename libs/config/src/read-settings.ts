import { ConfigError } from './config-error.js';
import { type Setting, SettingProblem, type SettingsOf, type SettingsSchema } from './setting.js';

const prefix = 'BUSBAR_';
/** Variables of the test runner; no app reads them, and every test process has them. */
const testPrefix = 'BUSBAR_TEST_';

export interface ReadSettings<Schema extends SettingsSchema> {
  settings: SettingsOf<Schema>;
  /** One sentence per variable that begins with BUSBAR_ and is not in the schema: mostly a misspelt name. */
  warnings: string[];
}

/**
 * Reads a whole schema at once. A variable that is unset or empty takes its default. Throws `ConfigError`
 * (`config-invalid`) naming every bad or missing value, not only the first. Secrets are never quoted.
 */
export function readSettings<Schema extends SettingsSchema>(
  schema: Schema,
  env: NodeJS.ProcessEnv,
): ReadSettings<Schema> {
  const problems: string[] = [];
  const settings: Record<string, unknown> = {};
  for (const [name, setting] of Object.entries(schema)) {
    settings[name] = readOne(setting, env[setting.env], problems);
  }
  if (problems.length > 0) throw new ConfigError(problems);
  return { settings: settings as SettingsOf<Schema>, warnings: unknownVariables(schema, env) };
}

function readOne(setting: Setting<unknown>, given: string | undefined, problems: string[]): unknown {
  const text = given === undefined || given === '' ? setting.default : given;
  if (text === null) {
    problems.push(`${setting.env} is missing: ${setting.type}; ${setting.why}`);
    return undefined;
  }
  try {
    return setting.parse(text);
  } catch (error) {
    if (!(error instanceof SettingProblem)) throw error;
    const shown = setting.secret ? 'the given value' : JSON.stringify(text.slice(0, 64));
    problems.push(`${setting.env} ${error.message}, but ${shown} is not`);
    return undefined;
  }
}

function unknownVariables(schema: SettingsSchema, env: NodeJS.ProcessEnv): string[] {
  const known = new Set(Object.values(schema).map((setting) => setting.env));
  return Object.keys(env)
    .filter((name) => name.startsWith(prefix) && !name.startsWith(testPrefix) && !known.has(name))
    .sort()
    .map((name) => `${name.slice(0, 128)} is set, but nothing here reads it`);
}
