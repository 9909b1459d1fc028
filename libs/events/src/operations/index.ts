export * from './authorization.js';
export * from './commands.js';
export * from './operation.js';
export * from './stations.js';
export * from './transactions.js';
