import type { Logger } from '@busbar/observability';
import type { LoggerService } from '@nestjs/common';

/** Nest's own words as lines of our logger. What Nest says while it starts is for debugging only. */
export class NestLogger implements LoggerService {
  constructor(private readonly logger: Logger) {}

  log(message: unknown, ...rest: unknown[]): void {
    this.logger.debug(fieldsOf(message, rest), textOf(message));
  }

  error(message: unknown, ...rest: unknown[]): void {
    this.logger.error(fieldsOf(message, rest), textOf(message));
  }

  warn(message: unknown, ...rest: unknown[]): void {
    this.logger.warn(fieldsOf(message, rest), textOf(message));
  }

  fatal(message: unknown, ...rest: unknown[]): void {
    this.error(message, ...rest);
  }

  debug(message: unknown, ...rest: unknown[]): void {
    this.log(message, ...rest);
  }

  verbose(message: unknown, ...rest: unknown[]): void {
    this.log(message, ...rest);
  }
}

function textOf(message: unknown): string {
  if (message instanceof Error) return message.message;
  return typeof message === 'string' ? message : JSON.stringify(message);
}

/** Nest passes its class name last, and a stack or an error before it. */
function fieldsOf(message: unknown, rest: unknown[]): object {
  const nest = rest.at(-1);
  return {
    ...(typeof nest === 'string' ? { nest } : {}),
    ...(message instanceof Error ? { err: message } : {}),
    ...(rest.length > 1 ? { detail: rest.slice(0, -1) } : {}),
  };
}
