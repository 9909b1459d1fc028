/**
 * Why something could not be recorded, as a store names it. Only `poison` is the data's own fault; `unavailable`,
 * `acquire-timeout` and `timeout` mean that the record cannot be written by anybody now.
 */
export interface Failure {
  code: string;
  sqlState: string | null;
}

/** Names any error. One without a code is a fault in our own program: `failed`. */
export function failureOf(error: unknown): Failure {
  const code = memberOf(error, 'code') ?? 'failed';
  return { code, sqlState: memberOf(error, 'sqlState') };
}

function memberOf(error: unknown, name: string): string | null {
  if (!(error instanceof Error)) return null;
  const value: unknown = Reflect.get(error, name);
  return typeof value === 'string' ? value : null;
}

/** Nothing can be committed now, so nothing is answered: a reply would say that the way is open. */
const outageCodes: ReadonlySet<string> = new Set(['unavailable', 'acquire-timeout', 'timeout', 'poison-flood']);

export function isOutage(code: string): boolean {
  return outageCodes.has(code);
}

/** A deadlock, a rival's insert, or a commit whose fate is unknown: looking again at once tells. */
const againAtOnceCodes: ReadonlySet<string> = new Set(['serialization', 'conflict', 'commit-unknown']);

export function isWorthAnotherLook(code: string): boolean {
  return againAtOnceCodes.has(code);
}

/** Whether the failure may lie in the one report rather than in the world around it. */
export function isOfTheReport(code: string): boolean {
  return code === 'poison' || code === 'failed';
}

/** Thrown instead of answering when nothing of a batch could be committed. */
export class Outage extends Error {
  constructor(readonly code: string) {
    super(`nothing can be committed now: ${code}`);
    this.name = 'Outage';
  }
}
