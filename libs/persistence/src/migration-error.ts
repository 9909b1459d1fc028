/**
 * Why a schema could not be brought up to date.
 *
 * - `migration-changed`: a file differs from what was applied under its name.
 * - `migration-missing`: a file that was applied is gone.
 * - `migration-order`: a new file's number is not above all applied ones, or two files share a number.
 * - `migration-name`: a file of the directory is not named like `0001-what-it-does.sql`.
 * - `migration-failed`: Postgres refused a file; nothing of that file was kept.
 */
export type MigrationErrorCode =
  | 'migration-changed'
  | 'migration-missing'
  | 'migration-order'
  | 'migration-name'
  | 'migration-failed';

/** A fault of the files; running them again without a change fails again. */
export class MigrationError extends Error {
  readonly retryable = false;

  constructor(
    readonly code: MigrationErrorCode,
    /** The file, or the name under which it was applied. */
    readonly migration: string,
    detail: string,
    options: { cause?: unknown } = {},
  ) {
    super(`migration ${migration}: ${detail}`, options);
    this.name = 'MigrationError';
  }
}
