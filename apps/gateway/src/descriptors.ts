import { readFileSync } from 'node:fs';
import type { Logger } from '@busbar/observability';
import { StartFailure } from './start-failure.js';

/** What the process itself keeps open: bus, directory, health, logs, and room for connections being refused. */
const reserve = 256;
const stationsMin = 16;

/** How many files and sockets this process may have open; null where the system does not say. */
export function descriptorLimit(): number | null {
  try {
    const line = /^Max open files\s+(\S+)/m.exec(readFileSync('/proc/self/limits', 'utf8'));
    if (line?.[1] === undefined) return null;
    return line[1] === 'unlimited' ? Number.POSITIVE_INFINITY : Number(line[1]);
  } catch {
    // Not Linux: the limit shows when it is reached, and refuses connections then.
    return null;
  }
}

/**
 * How many stations this process may hold. `wanted` 0 takes what the limit allows. Throws `StartFailure` when the
 * limit is lower than what is wanted: it would show as refused connections at the worst moment.
 */
export function stationsAllowed(wanted: number, limit: number | null, logger: Logger): number {
  if (limit === null) return wanted === 0 ? Number.POSITIVE_INFINITY : wanted;
  const allowed = limit - reserve;
  if (wanted > allowed || allowed < stationsMin) {
    throw new StartFailure(
      `BUSBAR_STATIONS_MAX is ${wanted}, which needs ${wanted + reserve} file descriptors, and this process may have ${limit}: raise the limit (ulimit -n).`,
    );
  }
  if (wanted !== 0) return wanted;
  logger.info({ stationsMax: allowed, descriptors: limit }, 'as many stations as the descriptor limit allows');
  return allowed;
}
