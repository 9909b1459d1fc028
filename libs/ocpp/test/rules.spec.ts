import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = join(dirname(fileURLToPath(import.meta.url)), '../../..');
const ruleId = /(?<![\w.])(?:[A-Z]-\d{2}|8\.[123](?:\.\d)?)(?![\w.])/g;
const named = /(?<![\w.])(?:[A-Z]-\d{2}|8\.\d(?:\.\d)?)(?![\w.])/;

const page = readFileSync(join(root, 'docs/ocpp-1.6.md'), 'utf8');
const rows = page.split('\n').flatMap((line) => {
  const [, id, , where] = line.split('|').map((cell) => cell.trim());
  return id !== undefined && named.test(id) ? [{ id, files: (where ?? '').split(', ') }] : [];
});

function sources(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return sources(path);
    return entry.name.endsWith('.ts') && !entry.name.endsWith('.spec.ts') ? [path] : [];
  });
}

describe('docs/ocpp-1.6.md', () => {
  it('tells every rule that the code names', () => {
    // Goal: a deviation shown to an operator can always be looked up.
    const told = new Set(rows.map(({ id }) => id));
    const used = sources(join(root, 'libs/ocpp/src')).flatMap((file) => readFileSync(file, 'utf8').match(ruleId) ?? []);
    expect([...new Set(used)].filter((id) => !told.has(id))).toEqual([]);
  });

  it.each(rows)('says truly where $id is', ({ id, files }) => {
    // Goal: the page does not outlive the code.
    const wrong = files.filter(
      (file) => !existsSync(join(root, file)) || !readFileSync(join(root, file), 'utf8').includes(id),
    );
    expect(wrong).toEqual([]);
  });

  it('tells each rule once', () => {
    // Goal: one rule, one row.
    const ids = rows.map(({ id }) => id);
    expect(ids).toEqual([...new Set(ids)]);
  });
});
