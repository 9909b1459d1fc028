/** One way in which a gateway ends a station's connection. */
export interface Close {
  code: 1002 | 1003 | 1006 | 1008 | 1011 | 1012 | 4001;
  /** Sent to the station, shown in the log, and the label of the metric. */
  reason: string;
  /** Whether a station that comes back unchanged will be served. */
  mayReconnect: boolean;
  /** For docs/errors.md. */
  why: string;
}

/**
 * Every close that a gateway makes, by the name that the code uses. 1006 means that no close frame is sent: the
 * socket is dropped.
 */
export const closes = {
  noCommonVersion: {
    code: 1002,
    reason: 'no-common-version',
    mayReconnect: false,
    why: 'None of the offered subprotocols is spoken here.',
  },
  malformed: {
    code: 1002,
    reason: 'malformed',
    mayReconnect: true,
    why: 'Ten frames in a row that are no OCPP-J frames.',
  },
  binary: { code: 1003, reason: 'binary', mayReconnect: true, why: 'OCPP-J is text; a binary frame came.' },
  tooManyCalls: {
    code: 1008,
    reason: 'too-many-calls',
    mayReconnect: true,
    why: 'The station sent a further CALL while sixteen of its CALLs waited for their answers.',
  },
  tooFast: {
    code: 1008,
    reason: 'too-fast',
    mayReconnect: true,
    why: 'The station sent far more than it may, for half a minute and longer.',
  },
  failed: {
    code: 1011,
    reason: 'failed',
    mayReconnect: true,
    why: 'A message met an error of ours; the log has it. The station keeps what was not answered.',
  },
  notAnswered: {
    code: 1012,
    reason: 'not-answered',
    mayReconnect: true,
    why: 'What the station sent could not be stored within 8 s; it keeps the message and sends it again.',
  },
  overloaded: {
    code: 1012,
    reason: 'overloaded',
    mayReconnect: true,
    why: 'Too many bytes wait for their answers in this gateway; the newest message gives way.',
  },
  ownershipLost: {
    code: 1012,
    reason: 'ownership-lost',
    mayReconnect: true,
    why: 'The gateway no longer hears itself over the bus, so others may hold its stations by now.',
  },
  draining: { code: 1012, reason: 'draining', mayReconnect: true, why: 'The gateway is being stopped.' },
  dismissed: {
    code: 1008,
    reason: 'dismissed',
    mayReconnect: false,
    why: 'A service asked for it: the station was deleted, or may no longer connect this way. It may give a reason of its own.',
  },
  takenOver: {
    code: 4001,
    reason: 'taken-over',
    mayReconnect: true,
    why: 'The station has connected anew; the newer connection is the one that counts.',
  },
  silent: {
    code: 1006,
    reason: 'silent',
    mayReconnect: true,
    why: 'Nothing came for 60 s from a station that answers pings, or for three heartbeat intervals from another.',
  },
  slowReader: {
    code: 1006,
    reason: 'slow-reader',
    mayReconnect: true,
    why: 'More than 64 KiB waited to be read by the station.',
  },
} as const satisfies Record<string, Close>;
