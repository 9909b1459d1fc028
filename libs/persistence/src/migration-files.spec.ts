import { describe, expect, it } from 'vitest';
import { type Migration, pendingMigrations } from './migration-files.js';

const file = (name: string, checksum = name): Migration => ({ name, text: name, checksum });
const files = [file('common-0001-x'), file('0001-a.sql'), file('0002-b.sql')];

describe('pendingMigrations', () => {
  it('gives what is not applied, in order', () => {
    expect(pendingMigrations(files, [])).toEqual(files);
    expect(pendingMigrations(files, files.slice(0, 2))).toEqual(files.slice(2));
    expect(pendingMigrations(files, files)).toEqual([]);
  });

  // What ran in production must stay what it was: the next installation would have another schema.
  it('refuses a file that changed', () => {
    const applied = [file('0001-a.sql', 'other')];
    expect(() => pendingMigrations(files, applied)).toThrowError(
      expect.objectContaining({ code: 'migration-changed', migration: '0001-a.sql' }),
    );
  });

  it('refuses when an applied file is gone', () => {
    expect(() => pendingMigrations(files, [file('0000-gone.sql')])).toThrowError(
      expect.objectContaining({ code: 'migration-missing', migration: '0000-gone.sql' }),
    );
  });

  it('refuses a new file below an applied one', () => {
    const applied = [file('common-0001-x'), file('0002-b.sql')];
    expect(() => pendingMigrations(files, applied)).toThrowError(
      expect.objectContaining({ code: 'migration-order', migration: '0001-a.sql' }),
    );
  });

  // A release may bring a further common migration to a schema that has files of its own already.
  it('lets a common one come later', () => {
    const later = file('common-0002-y');
    expect(pendingMigrations([files[0] as Migration, later, ...files.slice(1)], files)).toEqual([later]);
  });
});
