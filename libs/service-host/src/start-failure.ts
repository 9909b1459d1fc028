import { ConfigError } from '@busbar/config';
import type { Logger } from '@busbar/observability';

/** One line for each thing that an operator has to put right. */
export function reportStartFailure(logger: Logger, error: unknown): void {
  if (error instanceof ConfigError) {
    for (const problem of error.problems) logger.error({ code: error.code }, problem);
    return;
  }
  logger.error({ err: error }, error instanceof Error ? error.message : 'the start failed');
}
