import { textFrame } from './web-socket.js';

/** A CALL whose id (and whatever else must differ) is written over in place, so that sending costs no allocation. */
export interface PreparedCall {
  frame: Buffer;
  /** Makes the frame a new message: rising id, and time and register for meter values. */
  renew(number: number): void;
}

export function heartbeat(): PreparedCall {
  const frame = textFrame('[2,"0000000000","Heartbeat",{}]');
  const at = frame.indexOf('0000000000');
  return { frame, renew: (number) => writeDigits(frame, at, number, 10) };
}

const measurands: readonly [string, string, string?][] = [
  ['Energy.Active.Import.Register', 'Wh'],
  ['Power.Active.Import', 'W'],
  ['Current.Import', 'A', 'L1'],
  ['Current.Import', 'A', 'L2'],
  ['Current.Import', 'A', 'L3'],
  ['Voltage', 'V', 'L1-N'],
  ['SoC', 'Percent'],
];

/** One MeterValue of seven samples, about 1 KB. The time moves by a millisecond, the register by a watt-hour. */
export function meterValues(startedAt: Date): PreparedCall {
  const sampledValue = measurands.map(([measurand, unit, phase]) => ({
    value: measurand.startsWith('Energy') ? '1000000000.0' : '230.00',
    context: 'Sample.Periodic',
    format: 'Raw',
    measurand,
    ...(phase === undefined ? {} : { phase }),
    location: 'Outlet',
    unit,
  }));
  const time = startedAt.toISOString();
  const payload = { connectorId: 1, meterValue: [{ timestamp: time, sampledValue }] };
  const frame = textFrame(JSON.stringify([2, '0000000000', 'MeterValues', payload]));
  const id = frame.indexOf('0000000000');
  const clock = frame.indexOf(time);
  const register = frame.indexOf('1000000000.0') + 1;
  return {
    frame,
    renew: (number) => {
      writeDigits(frame, id, number, 10);
      frame.write(new Date(startedAt.getTime() + number).toISOString(), clock, 'latin1');
      writeDigits(frame, register, number, 9);
    },
  };
}

function writeDigits(frame: Buffer, at: number, number: number, digits: number): void {
  let rest = number;
  for (let digit = digits - 1; digit >= 0; digit -= 1) {
    frame[at + digit] = 0x30 + (rest % 10);
    rest = Math.floor(rest / 10);
  }
}
