/** What is wrong with one value. Caught by `readSettings`, which collects all of them. */
export class SettingProblem extends Error {}

/**
 * One setting: the variable it is read from, its type and unit, its default, and why the default is what it is.
 * Build settings with the functions of kinds.ts; `readSettings` reads them and `describeSettings` documents them.
 */
export interface Setting<Value> {
  readonly env: string;
  /** For people: `text`, `integer`, `one of a, b` and so on. */
  readonly type: string;
  readonly unit: string | null;
  /** The default as it would be written in the environment; null means that a value must be given. */
  readonly default: string | null;
  /** A secret's value appears in no message, log line or document. */
  readonly secret: boolean;
  readonly why: string;
  /** Turns the text into a value; throws `SettingProblem` with what would have been right. */
  parse(text: string): Value;
}

/** The settings of one app, by the name under which the app knows the value. */
export type SettingsSchema = { readonly [name: string]: Setting<unknown> };

/** The values of a schema, fully typed. */
export type SettingsOf<Schema extends SettingsSchema> = {
  readonly [Name in keyof Schema]: Schema[Name] extends Setting<infer Value> ? Value : never;
};
