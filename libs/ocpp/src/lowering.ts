import type { ProblemDetail } from '@busbar/events';

/** What a command needs beside its params. */
export interface LowerContext {
  /** The wire id of the transaction that `params.transaction` names. */
  ocppTransactionId?: number;
  /** GetConfigurationMaxKeys, when the station has told it. */
  maxKeysPerGetVariables?: number | null;
}

export interface LoweredCall {
  action: string;
  payload: Record<string, unknown>;
}

/** The CALLs of a command in their order, or why there are none. */
export type Lowered = { calls: LoweredCall[] } | { notSupported: string } | { invalid: ProblemDetail[] };

/** A command in one version's messages: which params it takes, and what they become. Pure. */
export interface Lowering {
  /** JSON Schema of the params; unknown members are refused. */
  readonly params: object;
  /** Called with params that passed. */
  lower(params: Record<string, unknown>, context: LowerContext): Lowered;
}

/** Refuses one member. */
export function invalid(pointer: string, detail: string): Lowered {
  return { invalid: [{ pointer, detail }] };
}
