import type {
  ChargingState,
  ConnectorState,
  GatewayId,
  Registration,
  SecurityProfile,
  StationId,
  TransactionId,
} from '@busbar/domain';
import type { AuthenticateReply, AuthenticateRequest } from '../gateway.js';
import { operation, type Page, type PageRequest } from './operation.js';

/** What an operator may set about a station. */
export interface StationSettings {
  securityProfile: SecurityProfile;
  registration: Registration;
  heartbeatIntervalSeconds: number;
  strict: boolean;
  assumeProtocol: string | null;
  site: string | null;
  tags: string[];
  localList: { managed: boolean };
  clearCacheOnRevocation: boolean;
}

export type StationKeyRequest = 'generate' | { hex: string } | { text: string };

export interface StationView extends StationSettings {
  identity: string;
  connected: boolean;
  protocol: string | null;
  gateway: GatewayId | null;
  connectedAt: string | null;
  lastSeenAt: string | null;
  bootedAt: string | null;
  vendor: string | null;
  model: string | null;
  serialNumber: string | null;
  firmwareVersion: string | null;
  evses: { evseId: number; connectors: { connectorId: number }[] }[];
  createdAt: string;
}

export interface ConnectorView {
  evseId: number;
  connectorId: number;
  status: string;
  connectorState: ConnectorState;
  chargingState: ChargingState;
  errorCode: string;
  info: string | null;
  vendorErrorCode: string | null;
  since: string;
  transactionId: TransactionId | null;
}

export interface VariableView {
  key: string;
  value: string | null;
  readonly: boolean | null;
  reportedAt: string | null;
  desired: string | null;
  desiredState: 'in-sync' | 'pending' | 'failed' | null;
}

export interface DeviationView {
  rule: string;
  count: number;
  firstAt: string;
  lastAt: string;
  example: string;
}

/** The little that other services need of a station, by identity or by id. */
export interface StationReference {
  station: StationId;
  identity: string;
  registration: Registration;
  /** What was last agreed with it; null before its first connection. */
  protocol: string | null;
  site: string | null;
  maxKeysPerGetVariables: number | null;
}

export const stationOperations = {
  authenticate: operation<AuthenticateRequest, AuthenticateReply>('stations.authenticate'),
  create: operation<
    { identity: string; key?: StationKeyRequest } & Partial<StationSettings>,
    { station: StationView; key: string | null }
  >('stations.create'),
  list: operation<
    PageRequest & { connected?: boolean; site?: string; tag?: string; registration?: Registration; q?: string },
    Page<StationView>
  >('stations.list'),
  get: operation<{ identity: string }, StationView>('stations.get'),
  update: operation<{ identity: string; changes: Partial<StationSettings> }, StationView>('stations.update'),
  delete: operation<{ identity: string }, Record<string, never>>('stations.delete'),
  connectors: operation<{ identity: string }, { items: ConnectorView[] }>('stations.connectors'),
  configuration: operation<{ identity: string }, { variables: VariableView[]; unknownKeys: string[] }>(
    'stations.configuration',
  ),
  /** What a GetVariables or SetVariables command learned; asked by commands, at least once. */
  variablesReported: operation<
    {
      station: StationId;
      at: string;
      variables: { key: string; value?: string; readonly?: boolean }[];
      unknownKeys: string[];
    },
    Record<string, never>
  >('stations.variables-reported'),
  watch: operation<{ identity: string; seconds: number }, { watchedUntil: string }>('stations.watch'),
  deviations: operation<{ identity: string }, { items: DeviationView[] }>('stations.deviations'),
  /** By identities or by ids, unknown ones left out. */
  references: operation<{ identities?: string[]; stations?: StationId[] }, { items: StationReference[] }>(
    'stations.references',
  ),
} as const;
