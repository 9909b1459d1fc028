import { createLogger, type Logger } from '@busbar/observability';

const linesMax = 10_000;

/** A logger that writes nowhere; `lines` keeps the newest 10,000 lines, as they would have been written. */
export function testLogger(): { logger: Logger; lines: string[] } {
  const lines: string[] = [];
  const write = (line: string) => {
    lines.push(line);
    if (lines.length > linesMax) lines.shift();
  };
  return { logger: createLogger({ app: 'test', level: 'debug', destination: { write } }), lines };
}
