/** The seconds of `Prefer: wait=20` (RFC 7240), at most 60; undefined when the caller does not want to wait. */
export function preferredWait(header: string | string[] | undefined): number | undefined {
  const text = Array.isArray(header) ? header.join(',') : header;
  const match = text === undefined ? null : /(?:^|[,;\s])wait=(\d{1,4})(?:$|[,;\s])/i.exec(text);
  return match === null ? undefined : Math.min(Number(match[1]), waitSecondsMax);
}

const waitSecondsMax = 60;
