import type { Operation, transactionOperations } from '@busbar/events';

type Operations = typeof transactionOperations;

/** What the operation of this name is asked with. */
export type RequestOf<Name extends keyof Operations> =
  Operations[Name] extends Operation<infer Request, infer _Answer> ? Request : never;

/** What it answers. */
export type AnswerOf<Name extends keyof Operations> =
  Operations[Name] extends Operation<infer _Request, infer Answer> ? Answer : never;
