import { defaultTenant, type GatewayId, type StationId, type TenantId, TimeOrderedIds } from '@busbar/domain';
import type { Report, ReportData, ReportType } from '@busbar/events';

const ids = new TimeOrderedIds();
export const gatewayOne = 'gatewayone0000000000000000' as GatewayId;
export const gatewayTwo = 'gatewaytwo0000000000000000' as GatewayId;

interface Given {
  id?: string;
  tenant?: TenantId;
  station: StationId;
  gateway?: GatewayId;
  epoch?: number;
  seq?: number;
  evseId?: number;
  connectorId?: number;
  occurredAt?: string;
  receivedAt?: string;
  deviations?: { rule: string; detail: string }[];
}

/** A report as a gateway would lift it; what is not given is plausible. */
export function report<T extends ReportType>(type: T, data: ReportData[T], given: Given): Report<T> {
  const receivedAt = given.receivedAt ?? '2026-11-22T10:00:00.000Z';
  return {
    id: (given.id ?? ids.next()) as Report['id'],
    type,
    schema: 1,
    tenant: given.tenant ?? defaultTenant,
    station: given.station,
    ...(given.evseId === undefined ? {} : { evseId: given.evseId }),
    ...(given.connectorId === undefined ? {} : { connectorId: given.connectorId }),
    occurredAt: given.occurredAt ?? receivedAt,
    receivedAt,
    source: {
      version: '1.6',
      transport: 'ws',
      action: actions[type] ?? '',
      messageId: 'm1',
      gateway: given.gateway ?? gatewayOne,
      epoch: given.epoch ?? 100,
      seq: given.seq ?? 1,
    },
    data,
    ...(given.deviations === undefined ? {} : { deviations: given.deviations }),
  };
}

const actions: Partial<Record<ReportType, string>> = {
  'station.booted': 'BootNotification',
  'connector.statusChanged': 'StatusNotification',
  'vendor.dataReceived': 'DataTransfer',
};

export const connected: ReportData['station.connected'] = {
  version: '1.6',
  transport: 'ws',
  securityProfile: 1,
  remoteAddress: '10.0.0.7',
  again: false,
};

export const disconnected: ReportData['station.disconnected'] = { code: 1006, reason: 'gone' };

export const booted: ReportData['station.booted'] = {
  vendor: 'ABB',
  model: 'Terra',
  serialNumber: 'S-1',
  firmwareVersion: '1.0',
};

export function status(word: string, more: Partial<ReportData['connector.statusChanged']> = {}) {
  const axes = {
    Available: { connectorState: 'Available', chargingState: 'Idle' },
    Preparing: { connectorState: 'Occupied', chargingState: 'EVConnected', phase: 'preparing' },
    Charging: { connectorState: 'Occupied', chargingState: 'Charging' },
    Faulted: { connectorState: 'Faulted', chargingState: 'Idle' },
    Unavailable: { connectorState: 'Unavailable', chargingState: 'Idle' },
  } as const;
  const known = axes[word as keyof typeof axes] ?? axes.Available;
  const data: ReportData['connector.statusChanged'] = { ...known, status: word, errorCode: 'NoError', ...more };
  return data;
}
