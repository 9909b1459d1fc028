/** How a key answers a change. */
export type ChangeStatus = 'Accepted' | 'Rejected' | 'RebootRequired' | 'NotSupported';

interface Key {
  value: string;
  readonly: boolean;
  accepts: (value: string) => boolean;
  /** Never told to anyone who asks. */
  writeOnly?: boolean;
}

const whole = (value: string): boolean => /^\d{1,9}$/.test(value);
const truth = (value: string): boolean => /^(true|false)$/i.test(value);
const anything = (): boolean => true;

const key = (value: string, accepts: (value: string) => boolean = anything): Key => ({
  value,
  readonly: false,
  accepts,
});
const fixed = (value: string): Key => ({ value, readonly: true, accepts: anything });

/** The configuration keys of OCPP 1.6 that this station has (OCPP 1.6, chapter 9). */
export class Configuration {
  readonly #keys: Map<string, Key>;

  constructor(connectors: number) {
    this.#keys = new Map<string, Key>([
      ['AllowOfflineTxForUnknownId', key('true', truth)],
      ['AuthorizationCacheEnabled', key('true', truth)],
      ['AuthorizeRemoteTxRequests', key('true', truth)],
      ['ClockAlignedDataInterval', key('0', whole)],
      ['ConnectionTimeOut', key('60', whole)],
      ['ConnectorPhaseRotation', key('NotApplicable')],
      ['GetConfigurationMaxKeys', fixed('50')],
      ['HeartbeatInterval', key('300', whole)],
      ['LocalAuthorizeOffline', key('true', truth)],
      ['LocalPreAuthorize', key('false', truth)],
      ['MeterValuesAlignedData', key('')],
      ['MeterValuesSampledData', key('Energy.Active.Import.Register,Power.Active.Import,Current.Import,Voltage,SoC')],
      ['MeterValueSampleInterval', key('10', whole)],
      ['NumberOfConnectors', fixed(String(connectors))],
      ['ResetRetries', key('1', whole)],
      ['StopTransactionOnEVSideDisconnect', key('true', truth)],
      ['StopTransactionOnInvalidId', key('true', truth)],
      ['StopTxnAlignedData', key('')],
      ['StopTxnSampledData', key('')],
      ['SupportedFeatureProfiles', fixed('Core,RemoteTrigger')],
      ['TransactionMessageAttempts', key('5', whole)],
      ['TransactionMessageRetryInterval', key('2', whole)],
      ['UnlockConnectorOnEVSideDisconnect', key('true', truth)],
      ['WebSocketPingInterval', key('0', whole)],
      ['AuthorizationKey', { ...key('', (value) => /^([0-9a-f]{2}){16,20}$/i.test(value)), writeOnly: true }],
    ]);
  }

  /** The value of a key that this station is known to have. */
  get(name: string): string {
    return this.#keys.get(name)?.value ?? '';
  }

  seconds(name: string): number {
    return Number(this.get(name));
  }

  is(name: string): boolean {
    return this.get(name).toLowerCase() === 'true';
  }

  change(name: string, value: string): ChangeStatus {
    const found = this.#keys.get(name);
    if (found === undefined) {
      return 'NotSupported';
    }
    if (found.readonly || !found.accepts(value)) {
      return 'Rejected';
    }
    found.value = value;
    return 'Accepted';
  }

  /** What GetConfiguration answers; no names asks for all. */
  report(names: readonly string[]): {
    configurationKey: { key: string; readonly: boolean; value?: string }[];
    unknownKey: string[];
  } {
    const asked = names.length === 0 ? [...this.#keys.keys()] : names;
    const configurationKey: { key: string; readonly: boolean; value?: string }[] = [];
    const unknownKey: string[] = [];
    for (const name of asked) {
      const found = this.#keys.get(name);
      if (found === undefined || found.writeOnly === true) {
        if (names.length > 0) {
          unknownKey.push(name);
        }
        continue;
      }
      configurationKey.push({ key: name, readonly: found.readonly, value: found.value });
    }
    return { configurationKey, unknownKey };
  }
}
