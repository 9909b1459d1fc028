/** One way in which an upgrade is refused over HTTP. The body is the same for every cause of a refusal. */
export interface Refusal {
  status: string;
  body: string;
  /** Sends `WWW-Authenticate: Basic`. */
  challenge?: true;
  /** Sends a `Retry-After` of 1 to 30 seconds, drawn anew each time, so that stations do not return together. */
  retry?: true;
}

const unavailable = { status: '503 Service Unavailable', body: 'Not now. Try again later.\n', retry: true } as const;

/**
 * Every refusal by its reason, which is also the label of the metric and the word in the log. Unknown station,
 * wrong key, wrong user name and wrong profile are one refusal: outside they can't be told apart.
 */
export const refusals = {
  'bad-path': { status: '400 Bad Request', body: 'The path must be /ocpp/{identity}, percent-encoded.\n' },
  'not-an-upgrade': { status: '400 Bad Request', body: 'Charging stations connect here, over WebSocket.\n' },
  'no-subprotocol': { status: '400 Bad Request', body: 'Sec-WebSocket-Protocol is missing.\n' },
  unauthorized: { status: '401 Unauthorized', body: 'Not authorized.\n', challenge: true },
  'too-many-failures': { status: '429 Too Many Requests', body: 'Too many failed attempts.\n', retry: true },
  /** More connects per second than this gateway takes, and the waiting line is full. */
  'accept-rate': unavailable,
  /** No receipt came from any service for 8 s. */
  'commit-path': unavailable,
  /** Who the station is could not be found out within the deadline. */
  'authentication-unavailable': unavailable,
  /** This gateway does not hear itself over the bus, so it may own no station. */
  'bus-lost': unavailable,
  /** The same station connected too often within a minute. */
  flapping: unavailable,
  /** This gateway holds as many stations as it may. */
  full: unavailable,
  draining: unavailable,
} as const satisfies Record<string, Refusal>;

export type RefusalReason = keyof typeof refusals;

/** `random` from 0 to 1, not included. */
export function retryAfterSeconds(random: number): number {
  return 1 + Math.floor(random * 30);
}
