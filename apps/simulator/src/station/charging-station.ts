import { checkCall } from '@busbar/ocpp';
import { callHandlers } from '../calls/index.js';
import { Configuration } from './configuration.js';
import { Connector, type Status } from './connector.js';
import { type Answer, type CallAnswer, Link } from './link.js';
import { Meter } from './meter.js';
import { Outbox } from './outbox.js';
import { sampledValues } from './samples.js';

export interface StationOptions {
  url: string;
  identity: string;
  key?: string;
  connectors: number;
  vendor: string;
  model: string;
  firmwareVersion: string;
  /** What a car takes. */
  powerW: number;
  meterStartWh: number;
  callTimeoutMs: number;
  backOffMs: number;
  backOffMaxMs: number;
  /** Plugs the cable in by itself this long after a remote start, as an obliging driver would. */
  plugAfterRemoteStartMs?: number;
  /** And leaves this long after that; without it somebody else has to end the session. */
  leaveAfterRemoteStartMs?: number;
  onEvent?: (event: string, detail?: Record<string, unknown>) => void;
  onFrame?: (direction: 'in' | 'out', text: string) => void;
}

/**
 * A charging station that behaves as OCPP 1.6 says one must: it boots before it says anything else, keeps what
 * it owes while it is offline, and stops only what it started.
 */
export class ChargingStation {
  readonly configuration: Configuration;
  readonly connectors: readonly Connector[];
  readonly #link: Link;
  readonly #outbox: Outbox;
  #booted = false;
  #heartbeat: NodeJS.Timeout | undefined;
  #bootRetry: NodeJS.Timeout | undefined;

  constructor(readonly options: StationOptions) {
    this.configuration = new Configuration(options.connectors);
    this.connectors = Array.from(
      { length: options.connectors },
      (_, at) => new Connector(at + 1, new Meter(options.meterStartWh, Date.now)),
    );
    this.#link = new Link(options, {
      onOpen: () => this.#opened(),
      onClose: (code) => this.#closed(code),
      onRefused: (status) => this.note('refused', { status }),
      onCall: (action, payload) => this.#called(action, payload),
      ...(options.onFrame === undefined ? {} : { onFrame: options.onFrame }),
    });
    this.#outbox = new Outbox(
      (action, payload) => this.#send(action, payload),
      {
        attempts: () => this.configuration.seconds('TransactionMessageAttempts'),
        retryIntervalMs: () => this.configuration.seconds('TransactionMessageRetryInterval') * 1000,
      },
      Date.now,
    );
  }

  /** Transaction messages that were not answered yet. */
  get owed(): number {
    return this.#outbox.owed;
  }

  get connected(): boolean {
    return this.#link.connected;
  }

  /** Accepted by the central system since it was switched on. */
  get booted(): boolean {
    return this.#booted;
  }

  start(): void {
    this.#link.start();
  }

  /** Switches off: sockets and timers end, sessions are forgotten as by a power cut. */
  stop(): void {
    clearInterval(this.#heartbeat);
    clearTimeout(this.#bootRetry);
    for (const connector of this.connectors) {
      clearInterval(connector.session?.sampling);
      connector.dropAuthorization();
    }
    this.#outbox.close();
    this.#link.stop();
  }

  connector(id: number): Connector | undefined {
    return this.connectors[id - 1];
  }

  note(event: string, detail?: Record<string, unknown>): void {
    this.options.onEvent?.(event, detail);
  }

  /** The cable goes in. A waiting authorization starts the session. */
  async plugIn(connector: Connector): Promise<void> {
    connector.plugged = true;
    await this.settle(connector);
    const waiting = connector.authorized;
    if (waiting !== undefined) {
      connector.dropAuthorization();
      this.begin(connector, waiting.idTag);
    }
  }

  /** The cable comes out. A running session ends with EVDisconnected (OCPP 1.6, 4.10). */
  async unplug(connector: Connector): Promise<void> {
    connector.plugged = false;
    if (connector.session !== undefined && this.configuration.is('StopTransactionOnEVSideDisconnect')) {
      await this.end(connector, 'EVDisconnected');
    }
    await this.settle(connector);
  }

  /** A card is shown: starts when the token is accepted, or stops the session it started. */
  async present(connector: Connector, idTag: string): Promise<string> {
    if (connector.session !== undefined) {
      if (connector.session.idTag === idTag) {
        await this.end(connector, 'Local', idTag);
        return 'Stopped';
      }
      return 'Refused';
    }
    const status = await this.authorize(idTag);
    if (status === 'Accepted') {
      this.accept(connector, idTag);
    }
    return status;
  }

  /** The central system's word on a token; offline it is accepted where configuration says so. */
  async authorize(idTag: string): Promise<string> {
    const answer = await this.ask('Authorize', { idTag });
    if (answer.kind === 'result') {
      return statusOf(answer.payload);
    }
    return this.configuration.is('AllowOfflineTxForUnknownId') && answer.kind === 'disconnected'
      ? 'Accepted'
      : 'Invalid';
  }

  /** An accepted token: starts at once when the cable is in, otherwise waits ConnectionTimeOut for it. */
  accept(connector: Connector, idTag: string): void {
    if (connector.plugged) {
      this.begin(connector, idTag);
      return;
    }
    connector.dropAuthorization();
    const timer = setTimeout(() => {
      connector.authorized = undefined;
      void this.settle(connector);
    }, this.configuration.seconds('ConnectionTimeOut') * 1000);
    connector.authorized = { idTag, timer };
    void this.settle(connector);
  }

  /** Starts a session and owes StartTransaction. */
  begin(connector: Connector, idTag: string): void {
    const session = {
      idTag,
      transactionId: undefined as number | undefined,
      startedAt: new Date(),
      meterStartWh: connector.meter.registerWh,
      sampling: undefined as NodeJS.Timeout | undefined,
      stopping: false,
    };
    connector.session = session;
    connector.meter.powerW = this.options.powerW;
    const payload = {
      connectorId: connector.id,
      idTag,
      meterStart: session.meterStartWh,
      timestamp: session.startedAt.toISOString(),
    };
    this.#outbox.push({
      action: 'StartTransaction',
      payload: () => payload,
      transactionRelated: true,
      settled: (answer) => this.#started(connector, session, answer),
    });
    const interval = this.configuration.seconds('MeterValueSampleInterval');
    if (interval > 0) {
      session.sampling = setInterval(() => this.sample(connector, 'Sample.Periodic'), interval * 1000);
    }
    this.note('charging', { connector: connector.id, idTag });
    void this.settle(connector);
  }

  /** Ends the session and owes StopTransaction. */
  async end(connector: Connector, reason: string, idTag?: string): Promise<void> {
    const { session } = connector;
    if (session === undefined || session.stopping) {
      return;
    }
    session.stopping = true;
    clearInterval(session.sampling);
    connector.meter.powerW = 0;
    const meterStop = connector.meter.registerWh;
    const timestamp = new Date().toISOString();
    connector.session = undefined;
    if (connector.inoperativeLater) {
      connector.operative = false;
      connector.inoperativeLater = false;
    }
    this.note('stopped', { connector: connector.id, energyWh: meterStop - session.meterStartWh, reason });
    const delivered = new Promise<void>((resolve) => {
      this.#outbox.push({
        action: 'StopTransaction',
        payload: () => ({
          transactionId: session.transactionId ?? -1,
          meterStop,
          timestamp,
          ...(reason === 'Local' ? {} : { reason }),
          ...(idTag === undefined ? {} : { idTag }),
        }),
        transactionRelated: true,
        settled: () => resolve(),
      });
    });
    await this.report(connector, connector.plugged ? 'Finishing' : 'Available');
    if (!connector.plugged) {
      await this.settle(connector);
    }
    if (this.connected) {
      await delivered;
    }
  }

  /** Owes a MeterValues of what the meter shows now. */
  sample(connector: Connector, context: string): void {
    const timestamp = new Date().toISOString();
    const sampledValue = sampledValues(connector.meter, context, this.configuration.get('MeterValuesSampledData'));
    const { session } = connector;
    this.#outbox.push({
      action: 'MeterValues',
      payload: () => ({
        connectorId: connector.id,
        ...(session === undefined ? {} : { transactionId: session.transactionId ?? -1 }),
        meterValue: [{ timestamp, sampledValue }],
      }),
      transactionRelated: true,
      settled: () => undefined,
    });
  }

  /** Reports the connector's status when it has changed. */
  async settle(connector: Connector): Promise<void> {
    const status = connector.settledStatus();
    if (status !== connector.status) {
      await this.report(connector, status);
    }
  }

  async report(connector: Connector, status: Status): Promise<void> {
    connector.status = status;
    await this.reportStatus(connector.id, status, connector.errorCode);
  }

  async reportStatus(connectorId: number, status: Status, errorCode: string = 'NoError'): Promise<void> {
    await this.ask('StatusNotification', { connectorId, errorCode, status, timestamp: new Date().toISOString() });
  }

  /** Says that it has booted; until it is accepted nothing else is said (OCPP 1.6, 4.2). */
  async boot(): Promise<void> {
    clearTimeout(this.#bootRetry);
    const { vendor, model, firmwareVersion, identity } = this.options;
    const answer = await this.#send('BootNotification', {
      chargePointVendor: vendor,
      chargePointModel: model,
      firmwareVersion,
      chargePointSerialNumber: identity.slice(0, 25),
    });
    if (answer.kind === 'disconnected') {
      return;
    }
    const status = answer.kind === 'result' ? statusOf(answer.payload, 'status') : 'Failed';
    const interval = answer.kind === 'result' ? Number(answer.payload['interval']) : 0;
    this.note('boot', { status });
    if (status !== 'Accepted') {
      this.#bootRetry = setTimeout(() => void this.boot(), (interval > 0 ? interval : 10) * 1000);
      return;
    }
    this.#booted = true;
    if (interval > 0) {
      this.configuration.change('HeartbeatInterval', String(interval));
    }
    this.#outbox.open();
    this.#beat();
    await this.reportStatus(0, 'Available');
    for (const connector of this.connectors) {
      await this.report(connector, connector.settledStatus());
    }
  }

  /** Restarts: sessions end with the reason given, then the connection is made anew and the station boots. */
  async reset(reason: 'HardReset' | 'SoftReset'): Promise<void> {
    await Promise.all(this.connectors.map((connector) => this.end(connector, reason)));
    this.#booted = false;
    this.note('reset', { reason });
    this.#link.reconnect();
  }

  reconnect(key?: string): void {
    this.#link.reconnect(key);
  }

  goOffline(forMs: number): void {
    this.note('offline', { forMs });
    this.#link.goOffline(forMs);
  }

  /** Asks through the queue, at once and without repeats. */
  ask(action: string, payload: Record<string, unknown>): Promise<Answer> {
    return new Promise((resolve) => {
      this.#outbox.push({ action, payload: () => payload, transactionRelated: false, settled: resolve });
    });
  }

  #send(action: string, payload: Record<string, unknown>): Promise<Answer> {
    const checked = checkCall('1.6', action, payload, { strict: true });
    if (!checked.ok) {
      return Promise.reject(new Error(`this station wrote a wrong ${action}: ${checked.error.description}`));
    }
    return this.#link.call(action, payload);
  }

  #opened(): void {
    this.note('connected');
    if (this.#booted) {
      // A mere reconnect needs no boot (OCPP-J 1.6, 5.4): what is owed goes at once.
      this.#outbox.open();
      this.#beat();
      void this.#reportAll();
    } else {
      void this.boot();
    }
  }

  async #reportAll(): Promise<void> {
    for (const connector of this.connectors) {
      await this.reportStatus(connector.id, connector.status, connector.errorCode);
    }
  }

  #closed(code: number): void {
    clearInterval(this.#heartbeat);
    clearTimeout(this.#bootRetry);
    this.#outbox.close();
    this.note('disconnected', { code });
  }

  #called(action: string, payload: Record<string, unknown>): CallAnswer {
    const handler = callHandlers.get(action);
    if (handler === undefined) {
      return { error: { code: 'NotImplemented', description: 'this station does not know the action' } };
    }
    const checked = checkCall('1.6', action, payload, { strict: true, from: 'central' });
    if (!checked.ok) {
      return { error: checked.error };
    }
    this.note('called', { action });
    return handler(this, payload);
  }

  #started(connector: Connector, session: { transactionId: number | undefined }, answer: Answer): void {
    if (answer.kind !== 'result') {
      session.transactionId = -1;
      return;
    }
    session.transactionId = Number(answer.payload['transactionId']);
    const status = statusOf(answer.payload);
    this.note('transaction', { transactionId: session.transactionId, status });
    const current = connector.session === session;
    if (current && status !== 'Accepted' && this.configuration.is('StopTransactionOnInvalidId')) {
      void this.end(connector, 'DeAuthorized');
    }
  }

  #beat(): void {
    clearInterval(this.#heartbeat);
    const interval = this.configuration.seconds('HeartbeatInterval');
    if (interval > 0) {
      this.#heartbeat = setInterval(() => void this.ask('Heartbeat', {}), interval * 1000);
    }
  }
}

/** `idTagInfo.status`, or the plain `status` of answers that have one. */
function statusOf(payload: Record<string, unknown>, member: 'idTagInfo' | 'status' = 'idTagInfo'): string {
  const value = payload[member];
  if (typeof value === 'string') {
    return value;
  }
  if (typeof value === 'object' && value !== null && 'status' in value && typeof value.status === 'string') {
    return value.status;
  }
  return 'Invalid';
}
