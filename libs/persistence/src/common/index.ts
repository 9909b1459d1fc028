import { partitionsSql } from './partitions.sql.js';
import { tablesSql } from './tables.sql.js';

/** What every schema begins with, under the names by which the `migration` table knows it. */
export const commonMigrations: readonly { name: string; text: string }[] = [
  { name: 'common-0001-tables', text: tablesSql },
  { name: 'common-0002-partitions', text: partitionsSql },
];
