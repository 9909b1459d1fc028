/** The years that PostgreSQL, JavaScript and RFC 3339 agree on: 1 to 9999. */
const earliest = Date.parse('0001-01-01T00:00:00.000Z');
const latest = Date.parse('9999-12-31T23:59:59.999Z');

const daysOfMonth = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] as const;

/** A station's time, understood. */
export interface Instant {
  /** Milliseconds since 1970. */
  ms: number;
  /** RFC 3339 UTC with exactly three decimals. */
  text: string;
}

function digits(text: string, from: number, to: number): number {
  let value = 0;
  for (let at = from; at < to; at += 1) {
    const digit = text.charCodeAt(at) - 0x30;
    if (digit < 0 || digit > 9) return Number.NaN;
    value = value * 10 + digit;
  }
  return value;
}

/** Date and time of day at the head of the text, or NaN. Leap seconds count as the second that follows. */
function headMs(text: string): number {
  const year = digits(text, 0, 4);
  const month = digits(text, 5, 7);
  const day = digits(text, 8, 10);
  const hour = digits(text, 11, 13);
  const minute = digits(text, 14, 16);
  const second = digits(text, 17, 19);
  if (!(year >= 1 && month >= 1 && month <= 12 && day >= 1 && hour <= 23 && minute <= 59 && second <= 60)) {
    return Number.NaN;
  }
  if (day > (daysOfMonth[month - 1] ?? 0) || (month === 2 && day === 29 && !leap(year))) return Number.NaN;
  if (year >= 100) return Date.UTC(year, month - 1, day, hour, minute, second);
  return new Date(0).setUTCFullYear(year, month - 1, day) + ((hour * 60 + minute) * 60 + second) * 1000;
}

function leap(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}

const tail = /^(?:\.(\d+))?(?:[Zz]|([+-])(\d{2}):(\d{2}))$/;
const lengthMax = 64;

/** Reads RFC 3339, which is what the schemas' `date-time` means; undefined for all else, impossible dates included. */
export function readRfc3339(text: string): Instant | undefined {
  if (text.length < 20 || text.length > lengthMax) return undefined;
  const separator = text.charCodeAt(10);
  if ((separator !== 0x54 && separator !== 0x74) || text.charCodeAt(4) !== 0x2d || text.charCodeAt(7) !== 0x2d) {
    return undefined;
  }
  if (text.charCodeAt(13) !== 0x3a || text.charCodeAt(16) !== 0x3a) return undefined;
  const head = headMs(text);
  if (Number.isNaN(head)) return undefined;
  if (text.charCodeAt(19) === 0x5a && text.length === 20) return written(head, text);
  if (text.length === 24 && text.charCodeAt(19) === 0x2e && text.charCodeAt(23) === 0x5a) {
    const fraction = digits(text, 20, 23);
    return Number.isNaN(fraction) ? undefined : written(head + fraction, text);
  }
  const parts = tail.exec(text.slice(19));
  if (parts === null) return undefined;
  const [, fraction, sign, hours, minutes] = parts;
  const offset = offsetMs(sign, hours, minutes);
  return offset === undefined ? undefined : bounded(head + millis(fraction) - offset);
}

/** The station's own text where it has our form already, so that nothing need be formatted. */
function written(ms: number, text: string): Instant {
  const plain = text.charCodeAt(17) < 0x36 && text.charCodeAt(10) === 0x54;
  if (!plain) return bounded(ms) ?? { ms, text };
  return { ms, text: text.length === 24 ? text : `${text.slice(0, 19)}.000Z` };
}

function millis(fraction: string | undefined): number {
  return fraction === undefined ? 0 : Number(fraction.slice(0, 3).padEnd(3, '0'));
}

function offsetMs(
  sign: string | undefined,
  hours: string | undefined,
  minutes: string | undefined,
): number | undefined {
  if (sign === undefined) return 0;
  const [h, m] = [Number(hours), Number(minutes ?? '0')];
  if (h > 23 || m > 59) return undefined;
  return (sign === '-' ? -1 : 1) * (h * 60 + m) * 60_000;
}

function bounded(ms: number): Instant | undefined {
  return ms >= earliest && ms <= latest ? { ms, text: new Date(ms).toISOString() } : undefined;
}

/** Blank for T, no seconds, a decimal comma, an offset without colon or minutes, or no zone at all. */
const loose =
  /^(\d{4})-(\d{2})-(\d{2})[Tt ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,30}))?)? ?(?:([Zz])|([+-])(\d{2})(?::?(\d{2}))?)?$/;
const epochSeconds = /^\d{9,11}$/;
const epochMilliseconds = /^\d{12,14}$/;

/** What stations write instead of RFC 3339, with what is wrong with it; undefined when it is no time at all. */ // 8.1
export function readLooseTime(source: string): (Instant & { fault: string }) | undefined {
  const text = source.trim();
  if (text.length > lengthMax) return undefined;
  const strict = readRfc3339(text);
  if (strict !== undefined) return { ...strict, fault: 'outer blanks' };
  if (epochSeconds.test(text)) return withFault(bounded(Number(text) * 1000), 'seconds since 1970');
  if (epochMilliseconds.test(text)) return withFault(bounded(Number(text)), 'milliseconds since 1970');
  const parts = loose.exec(text);
  if (parts === null) return undefined;
  const [, year, month, day, hour, minute, second, fraction, zulu, sign, hours, minutes] = parts;
  const head = headMs(`${year}-${month}-${day}T${hour}:${minute}:${second ?? '00'}`);
  const offset = offsetMs(sign, hours, minutes);
  if (Number.isNaN(head) || offset === undefined) return undefined;
  const zone = zulu !== undefined || sign !== undefined;
  return withFault(bounded(head + millis(fraction) - offset), zone ? 'not RFC 3339' : 'no zone, taken as UTC');
}

function withFault(instant: Instant | undefined, fault: string): (Instant & { fault: string }) | undefined {
  return instant === undefined ? undefined : { ...instant, fault };
}

/** A time as we write it: UTC, exactly three decimals and a Z. */
export function wireTime(time: Date): string {
  return time.toISOString();
}
