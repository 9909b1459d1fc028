/** For this library's own tests and for @busbar/testing only. */
export { type Migration, pendingMigrations, readMigrations } from './migration-files.js';
export { rolesSql } from './roles.js';
