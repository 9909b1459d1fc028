import { type Setting, SettingProblem } from './setting.js';

interface Common {
  /** The variable's name; begins with `BUSBAR_`. */
  env: string;
  /** One sentence on why the default is what it is, or what the value is for. */
  why: string;
}

/** Any text of up to 4096 characters without control characters. An empty default makes the setting optional. */
export function text(options: Common & { default?: string }): Setting<string> {
  return { ...base(options, 'text'), default: options.default ?? null, parse: plainText };
}

/** A whole number from `min` to `max`, both included; `unit` says of what. */
export function integer(
  options: Common & { default?: number; min: number; max: number; unit?: string },
): Setting<number> {
  return {
    ...base(options, `integer ${options.min}..${options.max}`),
    unit: options.unit ?? null,
    default: options.default === undefined ? null : String(options.default),
    parse: (given) => parseInteger(given, options.min, options.max),
  };
}

/** `true` or `false`; `1`, `0`, `yes`, `no`, `on` and `off` are understood as well. */
export function flag(options: Common & { default?: boolean }): Setting<boolean> {
  return {
    ...base(options, 'true or false'),
    default: options.default === undefined ? null : String(options.default),
    parse: parseFlag,
  };
}

/** One of a closed list of words. */
export function choice<const Option extends string>(
  options: Common & { options: readonly Option[]; default?: NoInfer<Option> },
): Setting<Option> {
  return {
    ...base(options, `one of ${options.options.join(', ')}`),
    default: options.default ?? null,
    parse: (given) => {
      const found = options.options.find((option) => option === given);
      if (found === undefined) throw new SettingProblem(`must be one of ${options.options.join(', ')}`);
      return found;
    },
  };
}

/** A text that is never shown: a key, a password. */
export function secret(options: Common & { default?: string }): Setting<string> {
  return { ...base(options, 'secret text'), secret: true, default: options.default ?? null, parse: plainText };
}

/** A TCP port to listen on; 0 takes any free one. */
export function port(options: Common & { default?: number }): Setting<number> {
  return { ...integer({ ...options, min: 0, max: 65_535 }), type: 'port' };
}

/** TCP ports separated by commas; an empty default means none. */
export function ports(options: Common & { default?: readonly number[] }): Setting<readonly number[]> {
  return {
    ...base(options, 'ports separated by commas'),
    default: options.default === undefined ? null : options.default.join(','),
    parse: (given) => (given === '' ? [] : given.split(',').map((one) => parseInteger(one.trim(), 0, 65_535))),
  };
}

/**
 * An absolute URL with one of the given schemes. Treated as secret, because it may carry a password. An empty
 * default makes it optional.
 */
export function url(options: Common & { default?: string; schemes: readonly string[] }): Setting<string> {
  const form = options.schemes.map((scheme) => `${scheme}://…`).join(' or ');
  return {
    ...base(options, `URL ${form}`),
    secret: true,
    default: options.default ?? null,
    parse: (given) => {
      if (given === '' && options.default === '') return given;
      const scheme = URL.canParse(given) ? new URL(given).protocol.slice(0, -1) : '';
      if (!options.schemes.includes(scheme)) throw new SettingProblem(`must be a URL of the form ${form}`);
      return given;
    },
  };
}

function base(options: Common, type: string) {
  if (!/^BUSBAR_[A-Z0-9_]+$/.test(options.env)) {
    throw new TypeError(`the setting ${options.env} must be named BUSBAR_… in capitals`);
  }
  return { env: options.env, why: options.why, type, unit: null, secret: false };
}

function plainText(given: string): string {
  if (given.length > 4096) throw new SettingProblem('must not be longer than 4096 characters');
  if (/\p{Cc}/u.test(given)) throw new SettingProblem('must not contain control characters');
  return given;
}

function parseInteger(given: string, min: number, max: number): number {
  const value = /^-?\d{1,15}$/.test(given) ? Number(given) : Number.NaN;
  if (Number.isNaN(value) || value < min || value > max) {
    throw new SettingProblem(`must be a whole number from ${min} to ${max}`);
  }
  return value;
}

const flagWords: Readonly<Record<string, boolean>> = {
  true: true,
  '1': true,
  yes: true,
  on: true,
  false: false,
  '0': false,
  no: false,
  off: false,
};

function parseFlag(given: string): boolean {
  const word = given.toLowerCase();
  const value = Object.hasOwn(flagWords, word) ? flagWords[word] : undefined;
  if (value === undefined) throw new SettingProblem('must be true or false');
  return value;
}
