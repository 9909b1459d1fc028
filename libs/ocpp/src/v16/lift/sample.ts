import { type Decimal, parseDecimal, scaleDecimal, subtractDecimals } from '@busbar/domain';
import Big from 'big.js';
import { words16 } from '../schemas.js';

/** How a unit becomes the canonical one. */
interface Conversion {
  unit: string;
  /** Power of ten; absent where the value stays or is converted by `convert`. */
  exponent?: number;
  convert?: (value: Decimal) => Decimal;
}

const conversions: ReadonlyMap<string, Conversion> = new Map([
  ...['Wh', 'varh', 'W', 'VA', 'var', 'A', 'V', 'Celsius', 'Percent', 'Hertz'].map((unit): [string, Conversion] => [
    unit,
    { unit },
  ]),
  ['kWh', { unit: 'Wh', exponent: 3 }], // V-07
  ['kvarh', { unit: 'varh', exponent: 3 }],
  ['kW', { unit: 'W', exponent: 3 }],
  ['kVA', { unit: 'VA', exponent: 3 }],
  ['kvar', { unit: 'var', exponent: 3 }],
  ['Celcius', { unit: 'Celsius' }],
  ['Hz', { unit: 'Hertz' }],
  ['K', { unit: 'Celsius', convert: (value) => subtractDecimals(value, '273.15') }],
  ['Fahrenheit', { unit: 'Celsius', convert: (value) => new Big(value).minus(32).times(5).div(9).round(3).toFixed() }],
]);

/** What a value without a unit is in: the measurand's base unit, although the text says Wh for all. */ // V-07
const baseUnits: readonly (readonly [prefix: string, unit: string | null])[] = [
  ['Energy.Active.', 'Wh'],
  ['Energy.Reactive.', 'varh'],
  ['Power.Active.', 'W'],
  ['Power.Offered', 'W'],
  ['Power.Reactive.', 'var'],
  ['Power.Factor', null],
  ['Current.', 'A'],
  ['Voltage', 'V'],
  ['Frequency', 'Hertz'],
  ['SoC', 'Percent'],
  ['Temperature', 'Celsius'],
  ['RPM', 'RPM'],
];

/** Everything about a sample but its value. Stations repeat a few of these for ever, so each is prepared once. */
export interface SampleShape {
  measurand: string;
  unit: string | null;
  phase: string | undefined;
  location: string;
  context: string;
  signed: boolean;
  conversion: Conversion | undefined;
  /** The sample's JSON before and after its value. */
  head: string;
  tail: string;
  /** The station's own unit as a JSON member, for `raw`; empty when it sent none. */
  rawUnit: string;
  /** Whether the canonical unit is the one that was sent, or none was. */
  unitKept: boolean;
  /** Members that are no words of the schema. */
  odd: readonly { rule: string; name: string }[];
  /** The part of the digest that the shape gives. */
  digest: string;
}

export interface SampledValue {
  context?: unknown;
  format?: unknown;
  measurand?: unknown;
  phase?: unknown;
  location?: unknown;
  unit?: unknown;
}

/** Words and units that the schema does not know are kept as they came; each is noted. */ // V-03, V-07
const memberWords: readonly (readonly [name: keyof SampledValue, rule: string, words: ReadonlySet<string>])[] = (
  [
    ['measurand', 'V-03'],
    ['context', 'V-03'],
    ['phase', 'V-03'],
    ['location', 'V-03'],
    ['format', 'V-03'],
    ['unit', 'V-07'],
  ] as const
).map(([name, rule]) => [name, rule, words16('MeterValuesRequest', 'meterValue', '[]', 'sampledValue', '[]', name)]);

function oddMembers(sample: SampledValue): SampleShape['odd'] {
  return memberWords.flatMap(([name, rule, words]) => {
    const value = sample[name];
    return value === undefined || (typeof value === 'string' && words.has(value)) ? [] : [{ rule, name }];
  });
}

type Level = Map<unknown, Level | SampleShape>;

const shapesMax = 4096;
/** Longer ones are not the schema's words, and long keys would let a station fill the store's memory. */
const storedDigestMax = 256;
let shapes: Level = new Map();
let shapeCount = 0;

/** The shape of a sample, from the store of those that were seen. The store is bounded: it starts anew when full. */
export function shapeOf(sample: SampledValue): SampleShape {
  const { measurand, unit, phase, context, location, format } = sample;
  const known = find(find(find(find(find(find(shapes, measurand), unit), phase), context), location), format);
  if (known !== undefined && !(known instanceof Map)) return known;
  const made = makeShape(sample);
  if (made.digest.length > storedDigestMax) return made;
  if (shapeCount >= shapesMax) {
    shapes = new Map();
    shapeCount = 0;
  }
  shapeCount += 1;
  store([measurand, unit, phase, context, location], format, made);
  return made;
}

function find(level: Level | SampleShape | undefined, key: unknown): Level | SampleShape | undefined {
  return level instanceof Map ? level.get(key) : undefined;
}

function store(path: unknown[], last: unknown, shape: SampleShape): void {
  let level = shapes;
  for (const key of path) {
    const next = level.get(key);
    if (next instanceof Map) {
      level = next;
    } else {
      const made: Level = new Map();
      level.set(key, made);
      level = made;
    }
  }
  level.set(last, shape);
}

const textMax = 64;

function word(value: unknown, otherwise: string): string {
  return typeof value === 'string' && value !== '' ? value.slice(0, textMax).toWellFormed() : otherwise;
}

function optionalWord(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value.slice(0, textMax).toWellFormed() : undefined;
}

function makeShape(sample: SampledValue): SampleShape {
  const measurand = word(sample.measurand, 'Energy.Active.Import.Register'); // V-03
  const context = word(sample.context, 'Sample.Periodic');
  const location = word(sample.location, 'Outlet');
  const phase = optionalWord(sample.phase);
  const sentUnit = optionalWord(sample.unit);
  const signed = sample.format === 'SignedData';
  const conversion = sentUnit === undefined ? undefined : conversions.get(sentUnit);
  const unit = sentUnit === undefined ? baseUnit(measurand) : (conversion?.unit ?? sentUnit);
  const members = { unit, phase, location, context, format: signed ? 'SignedData' : undefined };
  return {
    measurand,
    unit,
    phase,
    location,
    context,
    signed,
    conversion,
    head: `{"measurand":${JSON.stringify(measurand)},"value":`,
    tail: `,${JSON.stringify(members).slice(1, -1)}`,
    unitKept: sentUnit === undefined || sentUnit === unit,
    rawUnit: sentUnit === undefined ? '' : `,"unit":${JSON.stringify(sentUnit)}`,
    odd: oddMembers(sample),
    digest: JSON.stringify([
      sample.measurand,
      sample.unit,
      sample.phase,
      sample.context,
      sample.location,
      sample.format,
    ]),
  };
}

function baseUnit(measurand: string): string | null {
  return baseUnits.find(([prefix]) => measurand.startsWith(prefix))?.[1] ?? null;
}

/** Plain decimals need no parser: they are kept as they are. */
const plainDecimal = /^-?(?:0|[1-9]\d{0,17})(?:\.\d{1,12})?$/;
const decimalLengthMax = 40;

/** The value in the canonical unit, exactly; null when the text is no number. */
export function canonicalValue(shape: SampleShape, text: string): Decimal | null {
  const { conversion } = shape;
  const plain = plainDecimal.test(text);
  if (plain && (conversion === undefined || (conversion.exponent === undefined && conversion.convert === undefined))) {
    return text;
  }
  const decimal = plain ? text : parseDecimal(text); // V-04
  if (decimal === undefined || decimal.length > decimalLengthMax) return null;
  if (conversion?.exponent !== undefined) {
    return plain && conversion.exponent === 3 ? timesThousand(decimal) : scaleDecimal(decimal, conversion.exponent);
  }
  return conversion?.convert === undefined ? decimal : conversion.convert(decimal);
}

/** Moves the point of a plain decimal three places; the text of the result is what exact arithmetic would print. */
export function timesThousand(plain: Decimal): Decimal {
  const negative = plain.startsWith('-');
  const digits = negative ? plain.slice(1) : plain;
  const point = digits.indexOf('.');
  const whole = point < 0 ? digits : digits.slice(0, point);
  const fraction = point < 0 ? '' : digits.slice(point + 1);
  const moved = trimZeros(whole + fraction.slice(0, 3).padEnd(3, '0'));
  const rest = fraction.slice(3).replace(/0+$/, '');
  const value = rest === '' ? moved : `${moved}.${rest}`;
  return negative && value !== '0' ? `-${value}` : value;
}

function trimZeros(digits: string): string {
  return digits.replace(/^0+(?=\d)/, '');
}
