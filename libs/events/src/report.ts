import type {
  ChargingState,
  CommandId,
  ConnectorState,
  Decimal,
  GatewayId,
  IdTokenInfo,
  Registration,
  ReportId,
  SecurityProfile,
  StationId,
  TenantId,
} from '@busbar/domain';

/** The OCPP versions a report can come from. */
export type OcppVersion = '1.6' | '2.0.1' | '2.1';
export type Transport = 'ws' | 'soap';

/** Which message, on which connection, a report was lifted from. */
export interface ReportSource {
  version: OcppVersion;
  transport: Transport;
  /** The action's own name; empty for what the gateway reports by itself. */
  action: string;
  messageId: string;
  gateway: GatewayId;
  /** The connection's epoch (microseconds, below 2^53). State of an older epoch is ignored; billing rows never are. */
  epoch: number;
  /** Rises by one with each report of a connection. With the epoch it orders a station's state. */
  seq: number;
}

/** A rule of docs/ocpp-1.6.md that a message broke and that was tolerated. */
export interface Deviation {
  rule: string;
  detail: string;
}

/** Deviations of one message, for whoever counts them: at most once, since a missed count is no loss. */
export interface ToleratedNotice {
  tenant: TenantId;
  station: StationId;
  action: string;
  /** When it was received, RFC 3339 UTC. */
  at: string;
  deviations: Deviation[];
}

/**
 * What a station said, in version-neutral form. The same thing said in OCPP 1.6-J, SOAP or 2.0.1 gives the same
 * report. Delivered at least once; receivers make repeats harmless by their own keys.
 */
export interface Report<T extends ReportType = ReportType> {
  id: ReportId;
  type: T;
  schema: 1;
  tenant: TenantId;
  station: StationId;
  /** Absent where the message names none. 0 is the station itself. On 1.6, connector n is EVSE n, connector 1. */
  evseId?: number;
  connectorId?: number;
  /** The station's clock as RFC 3339 UTC with milliseconds; the time of receipt where it gave none or nonsense. */
  occurredAt: string;
  /** The gateway's clock. */
  receivedAt: string;
  source: ReportSource;
  data: ReportData[T];
  /** What was tolerated in the message; absent when it was clean. */
  deviations?: Deviation[];
  /** The frame as it came, cut at 64 KiB; present for starts, stops and whatever was tolerated. */
  raw?: string;
}

/** One sampled value in canonical units (Wh, W, A, V, varh, var, VA, Celsius, Percent, Hertz, RPM). */
export interface Sample {
  measurand: string;
  /** Exact decimal in `unit`; null when the station's text is no number or is signed data. */
  value: Decimal | null;
  unit: string | null;
  phase?: string;
  location?: string;
  context?: string;
  /** `SignedData` keeps its text in `raw`, byte for byte; absent means `Raw`. */
  format?: 'SignedData';
  /** The station's own text of value and unit, wherever normalising changed either. */
  raw?: { value: string; unit?: string };
}

/**
 * One MeterValue element, ready to be stored: the service that records it passes these columns on without
 * reading the samples again.
 */
export interface Reading {
  /** The station's time as RFC 3339 UTC with milliseconds; the time of receipt where it was unreadable. */
  sampledAt: string;
  /** The station's own text of the time: part of the reading's key. */
  sampledAtText: string;
  /** `Sample[]` as JSON text. */
  samples: string;
  /** SHA-256 of the sampled values as the station wrote them, first 16 bytes in hex: part of the reading's key. */
  digest: string;
  /** Energy.Active.Import.Register of the whole outlet (no phase), null when not among the samples. */
  energyWh: Decimal | null;
  /** Power.Active.Import, all phases. */
  powerW: Decimal | null;
  socPercent: Decimal | null;
  /** Transaction.Begin, Sample.Periodic and so on, of the first sample. */
  context: string;
}

export interface ReportData {
  'station.connected': {
    version: OcppVersion;
    transport: Transport;
    securityProfile: SecurityProfile;
    remoteAddress: string;
    /** True when the gateway re-announces a connection that it already held. */
    again: boolean;
  };
  'station.disconnected': { code: number; reason: string };
  /** The connection's first CALL was answered, or 30 s have passed: it may be sent CALLs now (rule K-11). */
  'station.ready': { version: OcppVersion };
  /** Signs of life of many stations at once; `station` of the envelope is the first of them. */
  'station.seen': { stations: { station: StationId; epoch: number; at: string }[] };
  'station.booted': {
    vendor: string;
    model: string;
    serialNumber?: string;
    firmwareVersion?: string;
    modem?: { iccid?: string; imsi?: string };
    meter?: { type?: string; serialNumber?: string };
    chargeBoxSerialNumber?: string;
  };
  'connector.statusChanged': {
    connectorState: ConnectorState;
    chargingState: ChargingState;
    /** Where the station's word says more than the two axes do. */
    phase?: 'preparing' | 'finishing';
    /** The station's word is none that we know: keep the connector's state, if it has one, and record the rest. */
    keepsState?: true;
    /** The station's own word. */
    status: string;
    errorCode: string;
    info?: string;
    vendorId?: string;
    vendorErrorCode?: string;
    /** Absent when the station gave no time of its own. */
    timestampText?: string;
  };
  'authorization.requested': { idToken: string };
  'transaction.started': {
    idToken: string;
    meterStartWh: Decimal;
    /** The station's own texts: the transaction's natural key is made from these. */
    key: { timestampText: string; meterStartText: string };
    reservationId?: number;
    /** True when the station's time is before 2010 or more than a day ahead of receipt (rule S-07). */
    implausibleClock: boolean;
  };
  'transaction.ended': {
    /** The transaction's id on the wire as the station wrote it; may be -1, 0, huge or no number at all. */
    ocppTransactionId: string;
    idToken?: string;
    meterStopWh: Decimal | null;
    key: { timestampText: string; meterStopText: string };
    /** The station's own word; `Local` when it said nothing (OCPP 1.6, 4.10). */
    stopReason: string;
    implausibleClock: boolean;
    readings: Reading[];
  };
  'meter.sampled': {
    /** As the station wrote it; absent when it named none. */
    ocppTransactionId?: string;
    readings: Reading[];
  };
  'vendor.dataReceived': { vendorId: string; messageId?: string; data?: string };
  'firmware.statusChanged': { status: string; requestId?: number; signed: boolean };
  'log.statusChanged': { status: string; requestId?: number; diagnostics: boolean };
  'security.eventReported': { type: string; techInfo?: string };
  'certificate.signingRequested': { csr: string };
  /** The gateway has written a CALL of ours to the socket. */
  'call.written': { command: CommandId; messageId: string };
  /** What became of a CALL of ours; `late` when it came after the time-out or on a later connection. */
  'call.ended': { command: CommandId; messageId: string; ending: CallEnding; late: boolean };
}

export type ReportType = keyof ReportData;

/** How a written CALL ended. Only `result` and `error` are the station's own words. */
export type CallEnding =
  | { kind: 'result'; payload: Record<string, unknown>; deviations?: Deviation[] }
  | { kind: 'error'; code: string; description: string; details: Record<string, unknown> }
  | { kind: 'bad-response'; detail: string }
  | { kind: 'timed-out' }
  | { kind: 'connection-lost' };

/** The content of an answer, by the report that asks for it; the gateway lowers it to the station's version. */
export interface Answers {
  'station.connected': Empty;
  'station.disconnected': Empty;
  'station.ready': Empty;
  'station.seen': Empty;
  'station.booted': { status: Registration; intervalSeconds: number };
  'connector.statusChanged': Empty;
  'authorization.requested': { idTokenInfo: IdTokenInfo };
  'transaction.started': { ocppTransactionId: number; idTokenInfo: IdTokenInfo };
  'transaction.ended': { idTokenInfo?: IdTokenInfo };
  'meter.sampled': Empty;
  'vendor.dataReceived': {
    status: 'Accepted' | 'Rejected' | 'UnknownMessageId' | 'UnknownVendorId';
    data?: string;
  };
  'firmware.statusChanged': Empty;
  'log.statusChanged': Empty;
  'security.eventReported': Empty;
  'certificate.signingRequested': { status: 'Accepted' | 'Rejected' };
  'call.written': Empty;
  'call.ended': Empty;
}

type Empty = Record<string, never>;

/** The services that answer reports. */
export type ReportService = 'stations' | 'authorization' | 'transactions' | 'commands';

/** Who answers which report, after its own commit. The only place where this is written. */
export const reportService: { readonly [T in ReportType]: ReportService } = {
  'station.connected': 'stations',
  'station.disconnected': 'stations',
  'station.ready': 'commands',
  'station.seen': 'stations',
  'station.booted': 'stations',
  'connector.statusChanged': 'stations',
  'authorization.requested': 'authorization',
  'transaction.started': 'transactions',
  'transaction.ended': 'transactions',
  'meter.sampled': 'transactions',
  'vendor.dataReceived': 'stations',
  'firmware.statusChanged': 'stations',
  'log.statusChanged': 'stations',
  'security.eventReported': 'stations',
  'certificate.signingRequested': 'stations',
  'call.written': 'commands',
  'call.ended': 'commands',
};

/** Up to 200 reports, 256 KiB or 2 ms of one gateway for one service. Without reports it is a probe of the commit path. */
export interface ReportBatch {
  id: string;
  gateway: GatewayId;
  reports: Report[];
}

/**
 * What became of one report: its answer, committed; `again`, to be sent once more (the code says why, for
 * the log); or `refused`, which the station is told as an error of its version.
 */
export type Receipt<T extends ReportType = ReportType> =
  | { answer: Answers[T] }
  | { again: string }
  | { refused: 'InternalError' | 'SecurityError' };

/** The reply to a batch: a receipt per report, in the order of the batch. A probe's receipt is empty. */
export interface ReceiptBatch {
  batch: string;
  receipts: Receipt[];
}
