import { createHash } from 'node:crypto';

/** What may stand in a `${…}` of a statement: a parameter, or another piece of SQL. Objects travel as JSON. */
export type SqlValue =
  | string
  | number
  | bigint
  | boolean
  | Date
  | Uint8Array
  | null
  | object
  | readonly SqlValue[]
  | Sql;

/**
 * A statement, or a piece of one: SQL text that was written in our sources and parameters that never become part
 * of it. Made by the `sql` tag only.
 */
export class Sql {
  /** One more text than there are values. */
  readonly #texts: readonly string[];
  readonly values: readonly unknown[];
  readonly #name: string | undefined;
  #text: string | undefined;

  constructor(texts: readonly string[], values: readonly unknown[], name?: string) {
    this.#texts = texts;
    this.values = values;
    this.#name = name;
  }

  /** The text that Postgres sees, parameters as `$1`, `$2` and so on. */
  get text(): string {
    this.#text ??= this.#texts.reduce((text, next, index) => `${text}$${index}${next}`);
    return this.#text;
  }

  /**
   * The name under which a connection keeps the prepared statement. It ends in a digest of the text, because one
   * template gives several texts when its parts are conditional and Postgres refuses one name for two texts.
   */
  get name(): string | undefined {
    return this.#name === undefined ? undefined : preparedName(this.#name, this.text);
  }

  /** Texts and values, flat: for joining pieces. */
  get pieces(): { texts: readonly string[]; values: readonly unknown[] } {
    return { texts: this.#texts, values: this.values };
  }
}

const preparedNamesMax = 1_000;
const preparedNames = new Map<string, string>();

function preparedName(name: string, text: string): string {
  const known = preparedNames.get(text);
  if (known !== undefined) return known;
  const digest = createHash('sha256').update(text).digest('hex').slice(0, 12);
  const full = `${name}_${digest}`;
  if (preparedNames.size < preparedNamesMax) preparedNames.set(text, full);
  return full;
}

function compose(name: string | undefined, strings: readonly string[], values: readonly SqlValue[]): Sql {
  const texts: string[] = [strings[0] ?? ''];
  const parameters: unknown[] = [];
  values.forEach((value, index) => {
    const after = strings[index + 1] ?? '';
    if (value instanceof Sql) {
      append(texts, parameters, value);
      texts[texts.length - 1] += after;
      return;
    }
    // Undefined would silently become NULL: nearly always a forgotten member, so it is refused.
    if (value === undefined) throw new TypeError(`value ${index + 1} of a statement is undefined; NULL is null`);
    parameters.push(value);
    texts.push(after);
  });
  return new Sql(texts, parameters, name);
}

function append(texts: string[], parameters: unknown[], piece: Sql): void {
  const inner = piece.pieces;
  texts[texts.length - 1] += inner.texts[0] ?? '';
  texts.push(...inner.texts.slice(1));
  parameters.push(...inner.values);
}

/**
 * A statement with its parameters: sql`select … where id = ${id} ${open ? sql`and ended_at is null` : sql.empty}`.
 * Every `${…}` that is not itself SQL becomes a parameter, so text from outside never becomes SQL text.
 */
export function sql(strings: TemplateStringsArray, ...values: SqlValue[]): Sql {
  return compose(undefined, strings, values);
}

/** No text at all: the other branch of a condition. */
sql.empty = new Sql([''], []);

/**
 * A statement that each connection prepares once and keeps: for the few that run thousands of times a second.
 * `name` says which, in `pg_prepared_statements` and in logs.
 */
sql.named =
  (name: string) =>
  (strings: TemplateStringsArray, ...values: SqlValue[]): Sql =>
    compose(name, strings, values);

/** Pieces one after another, `separator` between them. An empty list gives no text. */
sql.join = (pieces: readonly Sql[], separator: Sql = new Sql([', '], [])): Sql => {
  const texts = [''];
  const parameters: unknown[] = [];
  pieces.forEach((piece, index) => {
    if (index > 0) append(texts, parameters, separator);
    append(texts, parameters, piece);
  });
  return new Sql(texts, parameters);
};

/**
 * The name of a schema, table or column, quoted. Only for names that stand in our sources; refuses everything but
 * lower-case letters, digits and `_`, with one dot at most between schema and table.
 */
sql.identifier = (name: string): Sql => {
  if (!/^[a-z_][a-z0-9_]{0,62}(\.[a-z_][a-z0-9_]{0,62})?$/.test(name)) {
    throw new TypeError('an identifier is lower-case letters, digits and _ only');
  }
  const quoted = name
    .split('.')
    .map((part) => `"${part}"`)
    .join('.');
  return new Sql([quoted], []);
};
