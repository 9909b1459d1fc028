export { type Database, type DatabaseOptions, openDatabase } from './database.js';
export { DatabaseError, type DatabaseErrorCode } from './database-error.js';
export { type DirectConnection, openDirectConnection } from './direct-connection.js';
export { durabilityWarnings } from './durability.js';
export { type MigrateOptions, migrate } from './migrate.js';
export { MigrationError, type MigrationErrorCode } from './migration-error.js';
export { deleteExpiredKeys, type OnceOptions, once } from './once.js';
export {
  dropPartitionsBefore,
  emptyDefaultPartition,
  ensureMonthlyPartitions,
  type PartitionedTable,
  trimDefaultPartition,
} from './partitions.js';
export { readAsTenant, readerRole, writerRole } from './roles.js';
export { Sql, type SqlValue, sql } from './sql.js';
export type { Transaction, TransactionOptions } from './transaction.js';
