import type { TenantId } from '@busbar/domain';

export type Scope = 'read' | 'operate' | 'admin';

/** Who asks, for whom, and whether a repeat must give the first answer again. */
export interface AskContext {
  tenant: TenantId;
  /** The API key's id, or the name of the service that asks. For audit and idempotency. */
  caller: string;
  requestId: string;
  idempotency?: {
    key: string;
    /** SHA-256 of method, path and body: the same key with another digest is a conflict. */
    digest: string;
  };
}

/** What travels on the bus: the context beside the request's own members. */
export interface Ask<Q> {
  context: AskContext;
  request: Q;
}

/** The reply: the answer, or why not. */
export type AskReply<A> = { answer: A } | { problem: import('../problem.js').Problem };

/**
 * One operation that a service offers on the bus; its types ride along. `name` is `<service>.<what>` and is
 * both the subject and the pattern of the handler.
 */
export interface Operation<Q, A> {
  readonly name: string;
  readonly types?: { request: Q; answer: A };
}

export function operation<Q, A>(name: string): Operation<Q, A> {
  return { name };
}

/** A page of a list, newest first. */
export interface PageRequest {
  limit: number;
  /** Opaque; from `nextCursor` of the page before. */
  cursor?: string;
}

export interface Page<T> {
  items: T[];
  nextCursor: string | null;
}
