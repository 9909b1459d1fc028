import { type InboundTable, told } from '../case-table.js';

const time = '2026-11-22T09:00:00Z';
const register =
  '{"measurand":"Energy.Active.Import.Register","value":"1200","unit":"Wh","location":"Outlet","context":"Sample.Periodic"}';
const report = (data: object, envelope: object = {}) => ({
  type: 'meter.sampled',
  evseId: 1,
  connectorId: 1,
  occurredAt: '2026-11-22T09:00:00.000Z',
  ...envelope,
  data,
});
const reading = (changes: object) => ({
  sampledAt: '2026-11-22T09:00:00.000Z',
  sampledAtText: time,
  samples: `[${register}]`,
  digest: '',
  energyWh: '1200',
  powerW: null,
  socPercent: null,
  context: 'Sample.Periodic',
  ...changes,
});
const values = (...sampledValue: unknown[]) => [{ timestamp: time, sampledValue }];

export const meterValues: InboundTable = {
  passes: [
    {
      why: 'one value with every default (V-03)',
      payload: { connectorId: 1, transactionId: 4711, meterValue: values({ value: '1200' }) },
      report: report({ ocppTransactionId: '4711', readings: [reading({})] }),
    },
    {
      why: 'the main meter, without a transaction (V-02)',
      payload: { connectorId: 0, meterValue: values({ value: '1200' }) },
      report: report({ readings: [reading({})] }, { evseId: 0, connectorId: 0 }),
    },
    {
      why: 'transaction -1 as it was written (X-03)',
      payload: { connectorId: 1, transactionId: -1, meterValue: values({ value: '1200' }) },
      report: report({ ocppTransactionId: '-1', readings: [reading({})] }),
    },
    {
      why: 'units become canonical, the own text stays (V-07)',
      payload: {
        connectorId: 1,
        meterValue: values(
          { value: '1.2345', unit: 'kWh', context: 'Sample.Clock' },
          { value: '11.034', unit: 'kW', measurand: 'Power.Active.Import' },
          { value: '3.5', unit: 'kW', measurand: 'Power.Active.Import', phase: 'L1' },
          { value: '48', unit: 'Percent', measurand: 'SoC', location: 'EV' },
        ),
      },
      report: report({
        readings: [
          reading({
            samples:
              '[{"measurand":"Energy.Active.Import.Register","value":"1234.5","unit":"Wh","location":"Outlet","context":"Sample.Clock","raw":{"value":"1.2345","unit":"kWh"}},' +
              '{"measurand":"Power.Active.Import","value":"11034","unit":"W","location":"Outlet","context":"Sample.Periodic","raw":{"value":"11.034","unit":"kW"}},' +
              '{"measurand":"Power.Active.Import","value":"3500","unit":"W","phase":"L1","location":"Outlet","context":"Sample.Periodic","raw":{"value":"3.5","unit":"kW"}},' +
              '{"measurand":"SoC","value":"48","unit":"Percent","location":"EV","context":"Sample.Periodic"}]',
            digest: '',
            energyWh: '1234.5',
            powerW: '11034',
            socPercent: '48',
            context: 'Sample.Clock',
          }),
        ],
      }),
    },
    {
      why: 'signed data byte for byte (X-12)',
      payload: {
        connectorId: 1,
        meterValue: values({ value: 'OCMF|{ "FV" : "1.0" }|{"SD":"ab=="}', format: 'SignedData' }),
      },
      report: report({
        readings: [
          reading({
            samples:
              '[{"measurand":"Energy.Active.Import.Register","value":null,"unit":"Wh","location":"Outlet","context":"Sample.Periodic","format":"SignedData","raw":{"value":"OCMF|{ \\"FV\\" : \\"1.0\\" }|{\\"SD\\":\\"ab==\\"}"}}]',
            digest: '',
            energyWh: null,
          }),
        ],
      }),
    },
  ],
  coerced: [
    {
      why: 'a number keeps its digits (V-04)',
      payload: `{"connectorId":1,"meterValue":[{"timestamp":"${time}","sampledValue":[{"value":1200.10}]}]}`,
      strict: 'TypeConstraintViolation',
      deviations: ['V-04 /meterValue/*/sampledValue/*/value: number instead of text'],
      report: report({
        readings: [reading({ samples: `[${register.replace('1200', '1200.10')}]`, digest: '', energyWh: '1200.10' })],
      }),
    },
    {
      why: 'one bad sample does not cost the others (V-05)',
      payload: {
        connectorId: 1,
        meterValue: values(null, { unit: 'Wh' }, { value: 'NaN', measurand: 'Voltage', x: 1 }, { value: '1200' }),
      },
      strict: 'TypeConstraintViolation',
      deviations: [
        'M-18 /meterValue/*/sampledValue/*/x: unknown member',
        'V-05 /meterValue/*/sampledValue/*: no sample',
        'V-04 /meterValue/*/sampledValue/*/value: no number',
      ],
      report: report({
        readings: [
          reading({
            samples: `[{"measurand":"Voltage","value":null,"unit":"V","location":"Outlet","context":"Sample.Periodic","raw":{"value":"NaN"}},${register}]`,
            digest: '',
          }),
        ],
      }),
    },
    {
      why: 'a decimal comma, blanks and other case (V-04)',
      payload: { connectorId: 1, meterValue: values({ value: ' 1,5 ', unit: 'kwh' }) },
      strict: 'PropertyConstraintViolation',
      deviations: ['V-07 /meterValue/*/sampledValue/*/unit: other case'],
      report: report({
        readings: [
          reading({
            samples: `[${register.replace('1200', '1500').replace(/\}$/, '')},"raw":{"value":" 1,5 ","unit":"kWh"}}]`,
            digest: '',
            energyWh: '1500',
          }),
        ],
      }),
    },
    {
      why: 'unknown words are kept and noted (V-07)',
      payload: {
        connectorId: 1,
        meterValue: values(
          { value: '3', unit: 'furlong', measurand: 'Vendor.Thing' },
          { value: '50', unit: 'Hz', measurand: 'Frequency' },
        ),
      },
      strict: 'PropertyConstraintViolation',
      deviations: [
        'V-03 /meterValue/*/sampledValue/*/measurand: unknown word, kept',
        'V-07 /meterValue/*/sampledValue/*/unit: unknown word, kept',
      ],
      report: report({
        readings: [
          reading({
            samples:
              '[{"measurand":"Vendor.Thing","value":"3","unit":"furlong","location":"Outlet","context":"Sample.Periodic"},' +
              '{"measurand":"Frequency","value":"50","unit":"Hertz","location":"Outlet","context":"Sample.Periodic","raw":{"value":"50","unit":"Hz"}}]',
            digest: '',
            energyWh: null,
          }),
        ],
      }),
    },
    {
      why: 'no samples (V-06)',
      payload: { connectorId: 1, meterValue: values() },
      strict: 'OccurenceConstraintViolation',
      deviations: ['V-06 /meterValue/*: no samples'],
      report: report({ readings: [] }, { occurredAt: '2026-11-22T09:18:06.000Z' }),
    },
    {
      why: 'no elements (V-06)',
      payload: { connectorId: 1, meterValue: [] },
      strict: 'OccurenceConstraintViolation',
      deviations: ['V-06 /meterValue: no elements'],
      report: report({ readings: [] }, { occurredAt: '2026-11-22T09:18:06.000Z' }),
    },
    {
      why: 'nothing at all (V-01)',
      payload: {},
      strict: 'OccurenceConstraintViolation',
      deviations: ['8.2.4 /connectorId: missing, taken as 0', 'V-06 /meterValue: no elements'],
      report: report({ readings: [] }, { evseId: 0, connectorId: 0, occurredAt: '2026-11-22T09:18:06.000Z' }),
    },
    {
      why: 'a time that is none is the time of receipt',
      payload: {
        connectorId: 1,
        transactionId: null,
        meterValue: [{ timestamp: 'soon', sampledValue: [{ value: '1200' }] }],
      },
      strict: 'TypeConstraintViolation',
      deviations: ['8.2.2 /transactionId: null', '8.1 /meterValue/*/timestamp: no time, taken as received'],
      report: report(
        { readings: [reading({ sampledAt: '2026-11-22T09:18:06.000Z', sampledAtText: 'soon' })] },
        { occurredAt: '2026-11-22T09:18:06.000Z' },
      ),
    },
  ],
  fails: [],
  answers: [{ why: 'always empty (V-01)', made: told('MeterValues', 'meter.sampled', {}), payload: {} }],
};
