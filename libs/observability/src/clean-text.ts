/** How much of a text from outside a log line shows. */
const textLengthMax = 256;
const depthMax = 5;
const entriesMax = 64;
const stackLengthMax = 2048;

// C0 and C1 controls, format characters (bidirectional overrides, zero width), line and paragraph separators, lone surrogates.
const unsafe = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

/**
 * A text that is safe to show: cut at 256 characters, every control or invisible character written as a visible
 * escape. What was escaped stays harmless when a viewer decodes the JSON and prints it on a terminal.
 */
export function cleanText(text: string, lengthMax: number = textLengthMax): string {
  const cut = text.length > lengthMax ? `${text.slice(0, lengthMax)}…(${text.length})` : text;
  return cut.replace(unsafe, escapeCharacter);
}

function escapeCharacter(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`;
}

/**
 * A value of a log line with every text in it cleaned, its depth and its number of entries bounded, and errors
 * told with code and causes. Never throws, whatever the value is.
 */
function cleanValue(value: unknown, depth: number = 0): unknown {
  switch (typeof value) {
    case 'string':
      return cleanText(value);
    case 'number':
    case 'boolean':
    case 'undefined':
      return value;
    case 'bigint':
      return value.toString();
    case 'object':
      return value === null ? null : cleanObject(value, depth);
    default:
      return `[${typeof value}]`;
  }
}

function cleanObject(value: object, depth: number): unknown {
  if (depth >= depthMax) return '[deeper]';
  if (value instanceof Error) return cleanError(value, depth);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'invalid date' : value.toISOString();
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  if (Array.isArray(value)) {
    const items = value.slice(0, entriesMax).map((item) => cleanValue(item, depth + 1));
    return value.length > entriesMax ? [...items, `[${value.length - entriesMax} more]`] : items;
  }
  return cleanFields(value, depth);
}

/** The members of a log line. */
export function cleanFields(fields: object, depth: number = 0): Record<string, unknown> {
  const clean: Record<string, unknown> = {};
  let count = 0;
  for (const [name, value] of Object.entries(fields)) {
    count += 1;
    if (count > entriesMax) {
      clean['more'] = '[more members]';
      break;
    }
    clean[cleanText(name, 64)] = cleanValue(value, depth + 1);
  }
  return clean;
}

function cleanError(error: Error, depth: number): Record<string, unknown> {
  const clean: Record<string, unknown> = { type: cleanText(error.name, 64), message: cleanText(error.message) };
  if ('code' in error && (typeof error.code === 'string' || typeof error.code === 'number')) {
    clean['code'] = cleanValue(error.code);
  }
  // Only the frames: the first lines of a stack repeat the message, which may hold text from outside.
  const frames = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  if (frames.length > 0) clean['stack'] = cleanText(frames.map((line) => line.trim()).join(' | '), stackLengthMax);
  if (error.cause !== undefined) clean['cause'] = cleanValue(error.cause, depth + 1);
  if (error instanceof AggregateError) clean['errors'] = cleanValue(error.errors, depth + 1);
  return clean;
}
