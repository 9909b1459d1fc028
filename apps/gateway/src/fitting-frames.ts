import type { Logger } from '@busbar/observability';

/** What a frame becomes on the bus at most: its text, its samples as text within text, and what surrounds them. */
const growth = 4;

/**
 * The largest frame to take from a station. A foreign NATS server may take less than ours: then the limit follows it,
 * because a message that can't be passed on could never be answered.
 */
export function fittingFrames(frameBytesMax: number, maxPayloadBytes: number, logger: Logger): number {
  const fitting = Math.floor(maxPayloadBytes / growth);
  if (frameBytesMax <= fitting) return frameBytesMax;
  logger.warn(
    { maxPayloadBytes, frameBytesMax: fitting },
    'the NATS server takes less than four times BUSBAR_FRAME_BYTES_MAX: frames are limited to a quarter of what it takes',
  );
  return fitting;
}
