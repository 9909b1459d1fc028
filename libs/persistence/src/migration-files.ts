import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { commonMigrations } from './common/index.js';
import { MigrationError } from './migration-error.js';

/** One migration: its text, and the digest by which a later change of the text is noticed. */
export interface Migration {
  name: string;
  text: string;
  checksum: string;
}

/** What was applied to a schema already, as its `migration` table tells. */
export interface AppliedMigration {
  name: string;
  checksum: string;
}

const fileName = /^\d{4}-[a-z0-9-]+\.sql$/;

/** The common migrations, then the directory's files by number. Files that are not `.sql` are left alone. */
export async function readMigrations(directory: URL | string): Promise<Migration[]> {
  const path = directory instanceof URL ? fileURLToPath(directory) : directory;
  const names = (await readdir(path)).filter((name) => name.endsWith('.sql')).sort();
  const misnamed = names.find((name) => !fileName.test(name));
  if (misnamed !== undefined) {
    throw new MigrationError('migration-name', misnamed, 'the name must be four digits, a dash and lower-case words');
  }
  names.forEach((name, index) => {
    if (index > 0 && name.slice(0, 4) === names[index - 1]?.slice(0, 4)) {
      throw new MigrationError('migration-order', name, `shares its number with ${names[index - 1]}`);
    }
  });
  const own = await Promise.all(names.map(async (name) => ({ name, text: await readFile(join(path, name), 'utf8') })));
  return [...commonMigrations, ...own].map(({ name, text }) => ({
    name,
    text,
    checksum: createHash('sha256').update(text).digest('hex'),
  }));
}

/** The migrations still to be applied, in order. Throws `MigrationError` when the applied ones are not a beginning. */
export function pendingMigrations(migrations: readonly Migration[], applied: readonly AppliedMigration[]): Migration[] {
  const known = new Map(migrations.map((migration) => [migration.name, migration]));
  for (const { name, checksum } of applied) {
    const migration = known.get(name);
    if (!migration) throw new MigrationError('migration-missing', name, 'was applied, and its file is gone');
    if (migration.checksum !== checksum) {
      throw new MigrationError('migration-changed', name, 'was applied, and its text has changed since');
    }
  }
  const appliedNames = new Set(applied.map(({ name }) => name));
  const pending = migrations.filter(({ name }) => !appliedNames.has(name));
  const lastApplied = applied
    .map(({ name }) => name)
    .filter((name) => fileName.test(name))
    .sort()
    .at(-1);
  const late = pending.find(({ name }) => fileName.test(name) && lastApplied !== undefined && name < lastApplied);
  if (late) throw new MigrationError('migration-order', late.name, `comes after ${lastApplied}, which was applied`);
  return pending;
}
