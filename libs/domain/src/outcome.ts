/** The states of a command. */
export const commandStates = ['queued', 'sending', 'sent', 'ended'] as const;
export type CommandState = (typeof commandStates)[number];

/**
 * How a command ended. `unknown` means that the CALL was written and no answer came; only a late answer or an
 * observed effect may replace it.
 */
export const commandOutcomes = [
  'accepted',
  'rejected',
  'error',
  'unknown',
  'not-sent',
  'expired',
  'not-supported',
  'superseded',
] as const;
export type CommandOutcome = (typeof commandOutcomes)[number];
