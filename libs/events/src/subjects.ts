import type { GatewayId, StationId, TenantId } from '@busbar/domain';
import type { FactType } from './fact.js';
import type { ReportService } from './report.js';

/**
 * Every subject of the bus, built from our own ids and words only: text that a station sent never becomes part
 * of one. `prefix` keeps installations (and tests) that share a NATS server apart.
 */
export function subjects(prefix: string) {
  return {
    /** Batches of reports, request and reply, queue group of the service. */
    reports: (service: ReportService) => `${prefix}.reports.${service}`,
    /** What was tolerated in reports that services other than stations answer; stations counts it. */
    tolerated: () => `${prefix}.tolerated`,
    /** A request to a service, by operation; queue group of the service. */
    ask: (operation: string) => `${prefix}.ask.${operation}`,
    gatewayCall: (gateway: GatewayId) => `${prefix}.gateway.${gateway}.call`,
    gatewayFence: (gateway: GatewayId) => `${prefix}.gateway.${gateway}.fence`,
    gatewaySession: (gateway: GatewayId) => `${prefix}.gateway.${gateway}.session`,
    gatewayPing: (gateway: GatewayId) => `${prefix}.gateway.${gateway}.ping`,
    /** Broadcast; only the holder answers. */
    whoHolds: () => `${prefix}.gateways.who`,
    /** Broadcast by a gateway that claimed without Redis. */
    claimed: () => `${prefix}.gateways.claimed`,
    /** Broadcast by commands when a CALL may be waiting for whoever asked. */
    commandChanged: (command: string) => `${prefix}.commands.${command}.changed`,
    fact: (tenant: TenantId, station: StationId | undefined, type: FactType) =>
      `${prefix}.fact.${tenant}.${station ?? '_'}.${type}`,
    facts: (tenant: TenantId | '*', station: StationId | '*', type: string) =>
      `${prefix}.fact.${tenant}.${station}.${type}`,
    allFacts: () => `${prefix}.fact.>`,
    /** What one commit stored of a tenant's readings; a message per station would cost the stream more than its bytes. */
    readings: (tenant: TenantId) => `${prefix}.readings.${tenant}`,
    allReadings: () => `${prefix}.readings.>`,
    frames: (station: StationId) => `${prefix}.frames.${station}`,
    allFrames: () => `${prefix}.frames.>`,
  };
}

export type Subjects = ReturnType<typeof subjects>;

/** JetStream's streams; a stream name takes no dots, so the prefix is folded into it. */
export const streamNames = ['FACTS', 'READINGS', 'FRAMES'] as const;
export type StreamName = (typeof streamNames)[number];

export function streamName(prefix: string, name: StreamName): string {
  return `${prefix.replace(/[^A-Za-z0-9]/g, '_')}_${name}`;
}
