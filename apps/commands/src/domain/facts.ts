import type { IdSource } from '@busbar/domain';
import type { Fact, FactType } from '@busbar/events';
import type { Command } from './command.js';

/**
 * The facts that a change of a command makes: its outcome, each time that there is a new one (`unknown` may be
 * followed by the true one, with `late`), and its effect.
 */
export function factsOf(before: Command | null, after: Command, ids: IdSource, now: Date): Fact[] {
  const facts: Fact[] = [];
  const make = (type: FactType, data: Record<string, unknown>) =>
    facts.push({
      id: ids.next<'fact'>(),
      type,
      tenant: after.tenant,
      station: after.station,
      stationIdentity: after.identity,
      at: now.toISOString(),
      data: { command: after.id, commandType: after.type, outcome: after.outcome, ...data },
    });
  const had = before?.outcome ?? null;
  if (after.outcome !== null && after.outcome !== had) {
    make('command.ended', { detail: after.detail, createdAt: after.createdAt.toISOString(), late: had !== null });
  }
  if (after.effect !== null && (before?.effect ?? null) === null) {
    make('command.effect', {
      kind: after.effect.kind,
      ref: after.effect.ref,
      observedAt: after.effect.at.toISOString(),
    });
  }
  return facts;
}
