/**
 * What an action forgives beyond the general rules (rules §8.2). An action with a `minimum` is answered normally
 * whenever that is there: what else is unusable stays in the payload as it came, and lifting it copes.
 */
export interface Leniency {
  /** The members without which even tolerance ends. */
  minimum?: readonly string[];
  /** Members that take a longer text than the schema says, and how much longer; by name, at any depth. */
  longText?: Readonly<Record<string, number>>;
  /** Members in which an object is taken as the text of its JSON. */
  jsonText?: readonly string[];
  /** What a missing top-level member is taken to be. */
  defaults?: Readonly<Record<string, string | number>>;
  /** The rule to cite for a member, where a special one speaks of it. */
  rules?: Readonly<Record<string, string>>;
  /** A NUL or half a surrogate pair stays: the row is quarantined with what was sent, and the station answered. */
  rawText?: true;
}
