import type { ChargingStation } from '../station/charging-station.js';
import type { CallAnswer } from '../station/link.js';

/** Answers a CALL of the central system; what follows from it happens in `afterwards`, after the answer has gone. */
export type CallHandler = (station: ChargingStation, payload: Record<string, unknown>) => CallAnswer;
