import type { OcppVersion } from '@busbar/events';

/** The subprotocols that this gateway speaks, by their name in lower case. */
export const subprotocols: ReadonlyMap<string, OcppVersion> = new Map([['ocpp1.6', '1.6']]);

export type ProtocolChoice =
  /** `spelling` is the station's own and is echoed as it came. */
  { kind: 'chosen'; version: OcppVersion; spelling: string } | { kind: 'not-offered' } | { kind: 'no-common-version' };

/**
 * The first subprotocol of the station's list, in its order of preference, that we speak. Names match in any
 * case. OCPP-J 1.6, 3.1.2. // T-05
 */
export function chooseProtocol(
  header: string,
  spoken: ReadonlyMap<string, OcppVersion> = subprotocols,
): ProtocolChoice {
  let offered = false;
  for (const entry of header.split(',')) {
    const spelling = entry.trim();
    if (spelling === '') continue;
    offered = true;
    const version = spoken.get(spelling.toLowerCase());
    if (version !== undefined) return { kind: 'chosen', version, spelling };
  }
  return offered ? { kind: 'no-common-version' } : { kind: 'not-offered' };
}
