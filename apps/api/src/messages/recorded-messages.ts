import type { RecordedFrame } from '@busbar/events';

export interface MessageView {
  at: string;
  direction: 'in' | 'out';
  messageId: string;
  action: string;
  frame: string;
  answerOf: string | null;
  latencyMs: number | null;
  deviations: { rule: string; detail: string }[];
}

export interface MessageFilter {
  action?: string;
  from?: string;
  to?: string;
}

/** A recorded frame as it leaves; null where the recorder had nothing to say. */
export function messageView(frame: RecordedFrame): MessageView {
  return {
    at: frame.at,
    direction: frame.direction,
    messageId: frame.messageId,
    action: frame.action,
    frame: frame.frame,
    answerOf: frame.answerOf ?? null,
    latencyMs: frame.latencyMs ?? null,
    deviations: frame.deviations ?? [],
  };
}

/** Whether a message is among those asked for; `to` is excluded. */
export function matches(frame: RecordedFrame, filter: MessageFilter): boolean {
  const at = Date.parse(frame.at);
  return (
    (filter.action === undefined || frame.action === filter.action) &&
    (filter.from === undefined || at >= Date.parse(filter.from)) &&
    (filter.to === undefined || at < Date.parse(filter.to))
  );
}
