import type { AnswerContext } from '../../catalogue.js';
import { wireTime } from '../../time.js';

/** OCPP 1.6, 4.6. The gateway answers by itself; nothing is reported but that the station lives. */ // H-01
export function answerHeartbeat(context: AnswerContext): Record<string, unknown> {
  return { currentTime: wireTime(context.now) };
}
