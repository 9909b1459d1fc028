import type { StationId, TenantId } from '@busbar/domain';
import { type Fact, factTypes, ProblemError, type Subjects } from '@busbar/events';
import type { StreamedEvent } from '../http/event-stream.js';

/** The subjects of the facts that a reader wants: a whole type, the part before its dot, or everything. */
export function factFilter(
  subjects: Subjects,
  tenant: TenantId,
  station: StationId | '*',
  type: string | undefined,
): string {
  if (type === undefined) {
    return subjects.facts(tenant, station, '>');
  }
  // Only words of our own list become part of a subject.
  if (factTypes.some((known) => known === type)) {
    return subjects.facts(tenant, station, type);
  }
  const group = type.endsWith('.') ? type.slice(0, -1) : type;
  if (factTypes.some((known) => known.startsWith(`${group}.`))) {
    return subjects.facts(tenant, station, `${group}.>`);
  }
  throw new ProblemError({
    status: 400,
    code: 'query-invalid',
    detail: 'There is no such type of event.',
    errors: [{ pointer: '/type', detail: `must be one of ${factTypes.join(', ')}, or the part before the dot` }],
  });
}

/** Facts as they leave: the station by its OCPP identity, never by our own key. */
export async function* streamedFacts(
  facts: AsyncIterable<{ sequence: number; message: Fact }>,
): AsyncIterable<StreamedEvent> {
  for await (const { sequence, message: fact } of facts) {
    yield {
      id: String(sequence),
      event: fact.type,
      data: {
        id: fact.id,
        type: fact.type,
        station: fact.stationIdentity ?? null,
        ...(fact.evseId === undefined ? {} : { evseId: fact.evseId }),
        at: fact.at,
        data: fact.data,
      },
    };
  }
}
