import { reportedVariables } from '@busbar/ocpp';
import type { Command } from '../domain/command.js';
import type { VariableReport } from '../domain/variable-report.js';

/**
 * What the CALLs that the station answered by this change tell of its variables; null when nothing. Values of
 * secrets are left out.
 */
export function learnedVariables(before: Command, after: Command, at: Date): VariableReport | null {
  const variables: VariableReport['variables'] = [];
  const unknownKeys: string[] = [];
  for (const call of after.calls) {
    const answeredNow = call.response !== null && (before.calls[call.ordinal]?.response ?? null) === null;
    const told = answeredNow ? reportedVariables(call.action, call.request, call.response ?? {}) : undefined;
    variables.push(...(told?.variables ?? []));
    unknownKeys.push(...(told?.unknownKeys ?? []));
  }
  if (variables.length === 0 && unknownKeys.length === 0) return null;
  return { tenant: after.tenant, station: after.station, at, variables, unknownKeys };
}
