import pino from 'pino';
import { cleanFields, cleanText } from './clean-text.js';

export const logLevels = ['debug', 'info', 'warn', 'error', 'silent'] as const;
export type LogLevel = (typeof logLevels)[number];

type Write = {
  (fields: object, message: string): void;
  (message: string): void;
};

/**
 * One JSON line an event, on standard output. Every text is cut at 256 characters and shown without control
 * characters, so a caller may pass what a station sent as it came, as a field. Errors go under `err` or `error`.
 */
export interface Logger {
  readonly debug: Write;
  readonly info: Write;
  readonly warn: Write;
  readonly error: Write;
  /** The same logger with fields that each of its lines repeats. */
  child(fields: object): Logger;
}

export interface LoggerOptions {
  /** The process: `gateway`, `transactions` and so on. */
  app: string;
  level: LogLevel;
  /** Where lines go instead of standard output; for tests. */
  destination?: { write(line: string): void };
}

/** A logger for a whole process. Lines are written before the call returns, so none is lost at exit. */
export function createLogger(options: LoggerOptions): Logger {
  const settings: pino.LoggerOptions = {
    level: options.level,
    base: { app: options.app, pid: process.pid },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    // Errors are told and cleaned before they reach pino, whose own serializer would flatten their causes.
    serializers: { err: (error: unknown) => error },
  };
  // Written at once: what waits to be written when the process exits is tried again for ever by the library if the
  // reader of the log has gone, and the process would never end.
  return wrap(pino(settings, options.destination ?? pino.destination({ dest: 1, sync: true })));
}

function wrap(target: pino.Logger): Logger {
  const write =
    (level: 'debug' | 'info' | 'warn' | 'error'): Write =>
    (first: object | string, message?: string) => {
      if (!target.isLevelEnabled(level)) return;
      if (typeof first === 'string') target[level](cleanText(first));
      else target[level](cleanFields(first), cleanText(message ?? ''));
    };
  return {
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
    child: (fields) => wrap(target.child(cleanFields(fields))),
  };
}
