import { JetStreamApiError, JetStreamError } from '@nats-io/jetstream';
import { errors } from '@nats-io/transport-node';
import { BusError } from '../bus-error.js';

export const streamNotFound = 10_059;

/** The server's own number for a refused request to JetStream; undefined when it is no such refusal. */
export function apiErrorCode(error: unknown): number | undefined {
  return error instanceof JetStreamApiError ? error.code : undefined;
}

/** What the client throws about streams, as one of ours. */
export function streamError(error: unknown, what: string): BusError {
  if (error instanceof BusError) return error;
  const options = { maybeSent: true, cause: error };
  if (apiErrorCode(error) === streamNotFound) return new BusError('no-stream', what, options);
  if (error instanceof JetStreamApiError) return new BusError('stream-refused', `${what}: ${error.message}`, options);
  if (error instanceof errors.TimeoutError) return new BusError('timeout', what, options);
  if (error instanceof errors.ClosedConnectionError || error instanceof errors.DrainingConnectionError) {
    return new BusError('closed', what, options);
  }
  if (error instanceof errors.NoRespondersError || error instanceof JetStreamError || isNotEnabled(error)) {
    return new BusError('no-stream', what, options);
  }
  return new BusError('disconnected', what, options);
}

/** The client does not export the class of this one. */
function isNotEnabled(error: unknown): boolean {
  return error instanceof Error && error.name === 'JetStreamNotEnabled';
}
