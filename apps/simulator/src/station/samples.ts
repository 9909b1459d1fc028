import type { Meter } from './meter.js';

const voltageV = 230;
const phases = 3;

/** SampledValues of the measurands that the configuration names (OCPP 1.6, 9.1.16). */
export function sampledValues(meter: Meter, context: string, measurands: string): Record<string, string>[] {
  const common = { context, format: 'Raw', location: 'Outlet' };
  return measurands
    .split(',')
    .flatMap((measurand) => one(meter, measurand.trim()).map((sample) => ({ ...common, ...sample })));
}

function one(meter: Meter, measurand: string): Record<string, string>[] {
  switch (measurand) {
    case 'Energy.Active.Import.Register':
      return [{ measurand, value: String(meter.registerWh), unit: 'Wh' }];
    case 'Power.Active.Import':
      return [{ measurand, value: String(meter.powerW), unit: 'W' }];
    case 'Current.Import': {
      const amperes = (meter.powerW / phases / voltageV).toFixed(1);
      return ['L1', 'L2', 'L3'].map((phase) => ({ measurand, value: amperes, unit: 'A', phase }));
    }
    case 'Voltage':
      return [{ measurand, value: String(voltageV), unit: 'V', phase: 'L1-N' }];
    case 'SoC':
      return [{ measurand, value: '55', unit: 'Percent', location: 'EV' }];
    default:
      return [];
  }
}
