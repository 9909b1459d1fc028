const quote = 0x22;
const backslash = 0x5c;
const comma = 0x2c;

export interface ScanLimits {
  /** How deep arrays and objects may nest. */
  depthMax: number;
  /** How many members one array or object may have. */
  itemsMax: number;
}

/**
 * Judges a text by its brackets alone, in one pass and before JSON.parse, which takes seconds over millions of them.
 * The text need not be JSON; what is inside strings does not count. // M-16
 */
export function scanNesting(text: string, limits: ScanLimits): 'fits' | 'too-deep' | 'too-many-items' {
  if (text.length < 2 * limits.itemsMax && openersAtMost(text, limits.depthMax)) return 'fits';
  const counts: number[] = [];
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === quote) {
      at = endOfString(text, at);
    } else if (code === 0x5b || code === 0x7b) {
      if (counts.push(0) > limits.depthMax) return 'too-deep';
    } else if (code === 0x5d || code === 0x7d) {
      counts.pop();
    } else if (code === comma && counts.length > 0) {
      const items = (counts[counts.length - 1] ?? 0) + 1;
      if (items >= limits.itemsMax) return 'too-many-items';
      counts[counts.length - 1] = items;
    }
  }
  return 'fits';
}

/** Texts with few brackets cannot be deep, and counting them with indexOf is cheaper than looking at each character. */
function openersAtMost(text: string, most: number): boolean {
  let left = most;
  for (let at = text.indexOf('{'); at >= 0; at = text.indexOf('{', at + 1)) {
    left -= 1;
    if (left < 0) return false;
  }
  for (let at = text.indexOf('['); at >= 0; at = text.indexOf('[', at + 1)) {
    left -= 1;
    if (left < 0) return false;
  }
  return true;
}

/** Index of the quote that ends the string which opens at `start`, or the text's last index. */
function endOfString(text: string, start: number): number {
  for (let at = text.indexOf('"', start + 1); at >= 0; at = text.indexOf('"', at + 1)) {
    let backslashes = 0;
    while (text.charCodeAt(at - 1 - backslashes) === backslash) backslashes += 1;
    if (backslashes % 2 === 0) return at;
  }
  return text.length - 1;
}
