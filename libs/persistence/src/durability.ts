import type { Database } from './database.js';
import { sql } from './sql.js';

/**
 * What a commit is worth on this Postgres, as sentences for the start-up log; empty when it survives the loss of
 * one machine. Asked once at start: in production replication should be quorum-synchronous.
 */
export async function durabilityWarnings(database: Database): Promise<string[]> {
  const [settings] = await database.query<Record<'fsync' | 'commit' | 'standbys', string>>(sql`
    select current_setting('fsync') as fsync, current_setting('synchronous_commit') as commit,
           current_setting('synchronous_standby_names') as standbys`);
  const warnings: string[] = [];
  if (settings?.fsync === 'off') warnings.push('fsync is off: a power cut can lose or corrupt what was answered');
  if (settings?.commit === 'off') warnings.push('synchronous_commit is off: a crash can lose what was answered');
  if (settings?.standbys === '' || settings?.commit === 'local') {
    warnings.push('no synchronous standby: the loss of the database machine can lose what was answered');
  }
  return warnings;
}
