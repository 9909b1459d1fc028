import { WireNumber } from './coerce.js';

/**
 * The payload of a frame once more, with every number beside its own digits, so that a meter value sent as a number
 * is never rounded. Costs several times the first parse; only messages that broke a rule pay for it.
 */ // V-04
export function payloadWithDigits(frame: string, element: number): unknown {
  const elements: unknown = JSON.parse(frame, (_key: string, value: unknown, context?: { source?: string }) =>
    typeof value === 'number' ? new WireNumber(value, context?.source ?? String(value)) : value,
  );
  return Array.isArray(elements) ? elements[element] : undefined;
}
