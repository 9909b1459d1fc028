import { hash } from 'node:crypto';
import type { Decimal } from '@busbar/domain';
import type { Reading } from '@busbar/events';
import { isRecord } from '../../json.js';
import type { Notes } from '../../tolerance/notes.js';
import { readTime } from './read.js';
import { canonicalValue, type SampleShape, shapeOf } from './sample.js';

/** Half of SHA-256: enough that no two readings of one connector and instant meet. */
const digestLength = 32;

/**
 * The readings of a list of MeterValue elements, prepared for storage: the services pass their columns on unread.
 * Elements without a usable sample give none; one bad sample does not cost the others. This is the hottest path
 * of the system. OCPP 1.6, 4.7 and 7.32.
 */ // V-05, V-06
export function liftReadings(list: unknown, path: string, receivedAt: string, notes: Notes): Reading[] {
  const readings: Reading[] = [];
  if (!Array.isArray(list)) return readings;
  for (const element of list) {
    const reading = liftReading(element, path, receivedAt, notes);
    if (reading !== undefined) readings.push(reading);
  }
  return readings;
}

function liftReading(element: unknown, path: string, receivedAt: string, notes: Notes): Reading | undefined {
  const values: unknown = isRecord(element) ? element['sampledValue'] : undefined;
  if (!isRecord(element) || !Array.isArray(values) || values.length === 0) {
    notes.add('V-06', `${path}/*: no samples`); // V-06
    return undefined;
  }
  const time = readTime(element['timestamp'], `${path}/*/timestamp`, receivedAt, notes);
  const registers = new Registers();
  let samples = '';
  let digested = '';
  let context: string | undefined;
  for (const value of values) {
    const text = isRecord(value) ? sampledText(value['value']) : undefined;
    if (!isRecord(value) || text === undefined) {
      notes.add('V-05', `${path}/*/sampledValue/*: no sample`); // V-05
      continue;
    }
    const shape = shapeOf(value);
    for (const { rule, name } of shape.odd) notes.add(rule, `${path}/*/sampledValue/*/${name}: unknown word, kept`);
    const decimal = shape.signed ? null : canonicalValue(shape, text);
    if (decimal === null && !shape.signed) notes.add('V-04', `${path}/*/sampledValue/*/value: no number`); // V-04
    samples += `${samples === '' ? '[' : ','}${shape.head}${writeValue(shape, text, decimal)}`;
    digested += `${shape.digest}${text.length}:${text}`;
    context ??= shape.context;
    if (decimal !== null) registers.take(shape, decimal);
  }
  if (context === undefined) return undefined;
  return {
    sampledAt: time.at,
    sampledAtText: time.text,
    samples: `${samples}]`,
    digest: hash('sha256', digested, 'hex').slice(0, digestLength),
    energyWh: registers.energyWh,
    powerW: registers.powerW,
    socPercent: registers.socPercent,
    context,
  };
}

function sampledText(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** The rest of a sample's JSON: its value, its shape, and the station's own text wherever that was changed. */
function writeValue(shape: SampleShape, text: string, decimal: Decimal | null): string {
  if (decimal === text && shape.unitKept) return `"${text}"${shape.tail}}`;
  const value = decimal === null ? 'null' : `"${decimal}"`;
  return `${value}${shape.tail},"raw":{"value":${JSON.stringify(text)}${shape.rawUnit}}}`;
}

/** Where a measurement stands for the whole outlet. Inlet and EV measure something else. */
const outletRanks: Readonly<Record<string, number>> = { Outlet: 3, Cable: 2, Body: 1 };

/** The three figures that every reader wants, lifted out of the samples. */
class Registers {
  energyWh: Decimal | null = null;
  powerW: Decimal | null = null;
  socPercent: Decimal | null = null;
  #energyRank = 0;
  #powerRank = 0;

  /** Values of single phases are not the whole, and are not added up here. */
  take(shape: SampleShape, value: Decimal): void {
    if (shape.phase !== undefined) return;
    const rank = outletRanks[shape.location] ?? 0;
    if (shape.measurand === 'Energy.Active.Import.Register') {
      if (shape.unit === 'Wh' && rank > this.#energyRank) {
        this.energyWh = value;
        this.#energyRank = rank;
      }
    } else if (shape.measurand === 'Power.Active.Import') {
      if (shape.unit === 'W' && rank > this.#powerRank) {
        this.powerW = value;
        this.#powerRank = rank;
      }
    } else if (shape.measurand === 'SoC' && shape.unit === 'Percent') {
      this.socPercent ??= value;
    }
  }
}
