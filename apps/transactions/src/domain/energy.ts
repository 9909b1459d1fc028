import { addDecimals, compareDecimals, type Decimal, subtractDecimals } from '@busbar/domain';

/** More than a thousand gigawatt-hours, or less than nothing, is no meter of a charging station. */
const registerMaxWh = '1000000000000';

/** Whether a register value can be what a meter shows. */
export function isPlausibleRegister(registerWh: Decimal): boolean {
  return compareDecimals(registerWh, '0') >= 0 && compareDecimals(registerWh, registerMaxWh) <= 0;
}

/** The difference of two registers in Wh, exactly; null when it is not known or the meter went down (rule X-10). */
export function energyBetween(startWh: Decimal, stopWh: Decimal | null): Decimal | null {
  if (stopWh === null || isDecrease(startWh, stopWh)) return null;
  return subtractDecimals(stopWh, startWh);
}

/** Whether the meter stands lower than it did (rule X-10). */
export function isDecrease(startWh: Decimal, stopWh: Decimal | null): boolean {
  return stopWh !== null && compareDecimals(stopWh, startWh) < 0;
}

const rolloverBasesWh = ['1000000', '10000000', '100000000', '1000000000', '2147483648', '4294967296'];

/**
 * Where a register may have begun anew at zero: the sizes of register that the start was within a tenth of, with
 * the energy that each would give. Evidence for a person, never booked (rule X-10).
 */
export function rolloverCandidates(startWh: Decimal, stopWh: Decimal): { registerWh: Decimal; energyWh: Decimal }[] {
  if (compareDecimals(stopWh, '0') < 0) return [];
  return rolloverBasesWh
    .filter((base) => compareDecimals(startWh, base) <= 0 && compareDecimals(startWh, tenthBelow(base)) >= 0)
    .map((base) => ({ registerWh: base, energyWh: addDecimals(subtractDecimals(base, startWh), stopWh) }));
}

function tenthBelow(base: Decimal): Decimal {
  return String((BigInt(base) * 9n) / 10n);
}
